import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.IFunctionHandler;
import org.javarosa.core.model.data.DateData;
import org.javarosa.core.model.data.DateTimeData;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.utils.DateUtils;
import org.javarosa.core.model.utils.IPreloadHandler;

/**
 * A clock that stands still. today() and now() are built in and cannot be replaced, so they are
 * renamed before the form is parsed.
 */
final class Clock {
    private final Date moment;

    /** `text` is a moment in the JVM's zone: 2024-03-15 10:00:00. */
    Clock(String text) {
        LocalDateTime local = LocalDateTime.parse(text.trim().replace(' ', 'T'));
        moment = Date.from(local.atZone(ZoneId.systemDefault()).toInstant());
    }

    String rename(String expression) {
        return expression.replaceAll(
                "(?<![\\w.:-])(today|now)(\\s*\\(\\s*\\))", "oracle-$1$2");
    }

    /** Renames in attribute values only, never in the text of a label. */
    String renameInTags(String xml) {
        StringBuilder renamed = new StringBuilder(xml.length() + 1000);
        boolean inTag = false;
        char quote = 0;
        int from = 0;
        for (int i = 0; i < xml.length(); i++) {
            char c = xml.charAt(i);
            if (!inTag && xml.startsWith("<!--", i)) {
                int end = xml.indexOf("-->", i);
                i = end < 0 ? xml.length() : end + 2;
            } else if (!inTag) {
                inTag = c == '<';
            } else if (quote == 0 && c == '>') {
                inTag = false;
            } else if (quote == 0 && (c == '"' || c == '\'')) {
                quote = c;
                renamed.append(xml, from, i + 1);
                from = i + 1;
            } else if (quote != 0 && c == quote) {
                renamed.append(rename(xml.substring(from, i)));
                from = i;
                quote = 0;
            }
        }
        return renamed.append(xml, from, xml.length()).toString();
    }

    void install(FormDef form) {
        EvaluationContext context = form.getEvaluationContext();
        context.addFunctionHandler(new Still("oracle-today", DateUtils.roundDate(moment)));
        context.addFunctionHandler(new Still("oracle-now", moment));
        form.getPreloader().addPreloadHandler(new Preload("timestamp"));
        form.getPreloader().addPreloadHandler(new Preload("date"));
    }

    /** A function that always gives the same moment. */
    private static final class Still implements IFunctionHandler {
        private final String name;
        private final Date value;

        Still(String name, Date value) {
            this.name = name;
            this.value = value;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        @SuppressWarnings("rawtypes")
        public List<Class[]> getPrototypes() {
            return new ArrayList<>();
        }

        @Override
        public boolean rawArgs() {
            return true;
        }

        @Override
        public boolean realTime() {
            return false;
        }

        @Override
        public Object eval(Object[] arguments, EvaluationContext context) {
            return value;
        }
    }

    /** `start`, `today` and `end` of a form. */
    private final class Preload implements IPreloadHandler {
        private final String kind;

        Preload(String kind) {
            this.kind = kind;
        }

        @Override
        public String preloadHandled() {
            return kind;
        }

        @Override
        public IAnswerData handlePreload(String parameter) {
            if (kind.equals("date"))
                return "today".equals(parameter) ? new DateData(moment) : null;
            return "start".equals(parameter) ? new DateTimeData(moment) : null;
        }

        @Override
        public boolean handlePostProcess(TreeElement node, String parameter) {
            if (!kind.equals("timestamp") || !"end".equals(parameter)) return false;
            node.setAnswer(new DateTimeData(moment));
            return true;
        }
    }
}
