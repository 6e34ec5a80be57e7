import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import org.javarosa.core.model.Constants;
import org.javarosa.core.model.ControlType;
import org.javarosa.core.model.DataType;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.SelectChoice;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.core.services.locale.Localizer;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryPrompt;

/** An interview as it stands: every node with its state, and the submission. */
final class Dump {
    private final Session session;
    private Map<String, FormIndex> questions;
    private boolean withChoices;

    Dump(Session session) {
        this.session = session;
    }

    ObjectNode of(JsonNode step) throws IOException {
        if (wanted(step, "refresh_selects")) {
            session.refreshSelects();
            session.walk();
        }
        withChoices = wanted(step, "choices");
        questions = session.indexes(FormEntryController.EVENT_QUESTION);
        ObjectNode dump = Oracle.JSON.createObjectNode();
        dump.put("title", session.form.getTitle());
        putLanguages(dump);
        putNodesBelow(session.root(), dump.putArray("nodes"));
        dump.put("submission", session.submission());
        ArrayNode missing = dump.putArray("missing_media");
        for (String name : session.media.missing) missing.add(name);
        return dump;
    }

    /** An option of the step; true unless it says otherwise. */
    private static boolean wanted(JsonNode step, String option) {
        return !step.has(option) || step.get(option).asBoolean();
    }

    private void putLanguages(ObjectNode dump) {
        Localizer localizer = session.form.getLocalizer();
        dump.put("language", localizer == null ? null : localizer.getLocale());
        ArrayNode languages = dump.putArray("languages");
        if (localizer == null) return;
        for (String language : localizer.getAvailableLocales()) languages.add(language);
    }

    private void putNodesBelow(TreeElement parent, ArrayNode nodes) {
        for (int i = 0; i < parent.getNumChildren(); i++) {
            TreeElement child = parent.getChildAt(i);
            if (child.getMult() == TreeReference.INDEX_TEMPLATE) continue;
            putNode(child, nodes.addObject());
            putNodesBelow(child, nodes);
        }
    }

    private void putNode(TreeElement element, ObjectNode node) {
        boolean group = element.getNumChildren() > 0;
        node.put("path", Places.path(element));
        node.put("kind", element.isRepeatable() ? "repeat" : group ? "group" : "leaf");
        node.put("relevant", element.isRelevant());
        if (group) return;
        DataType type = DataType.from(element.getDataType());
        node.put("type", type.toString().toLowerCase(Locale.ROOT));
        node.put("required", element.isRequired());
        node.put("readonly", !element.isEnabled());
        node.put("value", Session.serialized(element));
        putConstraint(element, node);
        FormIndex index = questions.get(Places.key(element.getRef()));
        if (index == null) return;
        try {
            putQuestion(session.model.getQuestionPrompt(index), element, node);
        } catch (RuntimeException error) {
            node.put("error", Oracle.describe(error));
        }
    }

    private void putConstraint(TreeElement element, ObjectNode node) {
        try {
            boolean valid = session.form.evaluateConstraint(element.getRef(), element.getValue());
            node.put("constraint_valid", valid);
        } catch (RuntimeException error) {
            node.putNull("constraint_valid");
            node.put("constraint_error", Oracle.describe(error));
        }
    }

    private void putQuestion(FormEntryPrompt prompt, TreeElement element, ObjectNode node) {
        int control = prompt.getControlType();
        node.put("control", ControlType.from(control).toString().toLowerCase(Locale.ROOT));
        try {
            node.put("label", prompt.getQuestionText());
        } catch (RuntimeException error) {
            node.put("label_error", Oracle.describe(error));
        }
        try {
            node.put("constraint_message", prompt.getConstraintText());
        } catch (RuntimeException error) {
            // there is none
        }
        if (withChoices && offersChoices(control)) {
            // an irrelevant select keeps its answer: listing choices must not change it
            IAnswerData kept = element.getValue();
            putChoices(prompt, node);
            element.setAnswer(kept);
        }
    }

    private static boolean offersChoices(int control) {
        return control == Constants.CONTROL_SELECT_ONE
                || control == Constants.CONTROL_SELECT_MULTI
                || control == Constants.CONTROL_RANK;
    }

    private static void putChoices(FormEntryPrompt prompt, ObjectNode node) {
        ArrayNode choices = Oracle.JSON.createArrayNode();
        node.set("choices", choices);
        for (SelectChoice choice : prompt.getSelectChoices()) {
            ObjectNode one = choices.addObject();
            one.put("name", choice.getValue());
            try {
                one.put("label", prompt.getSelectChoiceText(choice));
            } catch (RuntimeException error) {
                one.putNull("label");
            }
        }
    }
}
