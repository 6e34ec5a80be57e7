import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.javarosa.core.services.IPropertyManager;
import org.javarosa.core.services.PropertyManager;
import org.javarosa.core.services.properties.IPropertyRules;

/** What a phone knows of itself: fixed words, unless a step says otherwise. */
final class Device implements IPropertyManager {
    private final Map<String, String> properties = new HashMap<>();

    Device(JsonNode given) {
        properties.put("deviceid", "oracle-device");
        properties.put("username", "oracle");
        properties.put("email", "oracle@example.invalid");
        properties.put("phonenumber", "000");
        properties.put("subscriberid", "sub");
        properties.put("simserial", "sim");
        if (given != null)
            given.fields().forEachRemaining(e -> properties.put(e.getKey(), e.getValue().asText()));
    }

    void install() {
        PropertyManager.setPropertyManager(this);
    }

    @Override
    public List<String> getProperty(String name) {
        String value = properties.get(name);
        return value == null ? Collections.emptyList() : Collections.singletonList(value);
    }

    @Override
    public void setProperty(String name, String value) {
        properties.put(name, value);
    }

    @Override
    public void setProperty(String name, List<String> values) {
        properties.put(name, values.isEmpty() ? "" : values.get(0));
    }

    @Override
    public String getSingularProperty(String name) {
        return properties.get(name);
    }

    @Override
    public void addRules(IPropertyRules rules) {}

    @Override
    public List<IPropertyRules> getRules() {
        return new ArrayList<>();
    }
}
