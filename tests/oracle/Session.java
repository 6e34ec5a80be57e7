import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.javarosa.core.model.DataType;
import org.javarosa.core.model.FormDef;
import org.javarosa.core.model.FormIndex;
import org.javarosa.core.model.QuestionDef;
import org.javarosa.core.model.ValidateOutcome;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.data.IAnswerData;
import org.javarosa.core.model.instance.InstanceInitializationFactory;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;
import org.javarosa.form.api.FormEntryController;
import org.javarosa.form.api.FormEntryModel;
import org.javarosa.form.api.FormEntryPrompt;
import org.javarosa.model.xform.XFormSerializingVisitor;
import org.javarosa.xform.parse.XFormParser;
import org.javarosa.xform.util.XFormAnswerDataParser;
import org.javarosa.xform.util.XFormAnswerDataSerializer;
import org.javarosa.xpath.XPathConditional;
import org.javarosa.xpath.XPathNodeset;
import org.javarosa.xpath.XPathParseTool;
import org.javarosa.xpath.expr.XPathFuncExpr;

/** One interview: a form, its answers, and what Collect's screens do with them. */
final class Session {
    private static final long PATIENCE = 10_000_000_000L;
    private static final int MAX_REFRESHES = 5;

    final FormDef form;
    final FormEntryModel model;
    final Media media;
    private final FormEntryController controller;
    private final Clock clock;
    private final boolean walking;

    Session(JsonNode step) throws Exception {
        Path file = Paths.get(step.get("load").asText());
        if (!Files.isRegularFile(file)) throw new Oracle.Refused("no such form file: " + file);
        walking = !step.has("walk") || step.get("walk").asBoolean();
        clock = step.hasNonNull("now") ? new Clock(step.get("now").asText()) : null;
        media = new Media(step.hasNonNull("media")
                ? Paths.get(step.get("media").asText()) : file.toAbsolutePath().getParent());
        media.install();
        new Device(step.get("properties")).install();
        String answers = step.hasNonNull("instance") ? step.get("instance").asText() : null;
        form = parse(file, answers);
        model = new FormEntryModel(form);
        controller = new FormEntryController(model);
        begin(step.hasNonNull("lang") ? step.get("lang").asText() : null, answers == null);
    }

    private FormDef parse(Path file, String answers) throws Exception {
        String xml = read(file);
        if (xml.startsWith("\uFEFF")) xml = xml.substring(1);
        if (clock != null) xml = clock.renameInTags(xml);
        FormDef parsed = parser(xml, answers).parse(file.toAbsolutePath().toString(), null);
        parsed.getEvaluationContext().addFunctionHandler(media.new Pulldata());
        if (clock != null) clock.install(parsed);
        return parsed;
    }

    private static XFormParser parser(String xml, String answers) throws IOException {
        if (answers == null) return new XFormParser(new StringReader(xml));
        String content = answers.trim().startsWith("<") ? answers : read(Paths.get(answers));
        return new XFormParser(new StringReader(xml), new StringReader(content));
    }

    private static String read(Path file) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }

    private void begin(String language, boolean fresh) {
        if (language != null) setLanguage(language);
        form.initialize(fresh, new InstanceInitializationFactory());
        if (language != null) setLanguage(language);
        walk();
    }

    void setLanguage(String language) {
        if (form.getLocalizer() == null)
            throw new Oracle.Refused(
                    "form has no translations (no itext); cannot set language " + language);
        String[] available = form.getLocalizer().getAvailableLocales();
        if (!Arrays.asList(available).contains(language))
            throw new Oracle.Refused("unknown language '" + language + "'; available: "
                    + Arrays.toString(available));
        controller.setLanguage(language);
    }

    /** Pages through the relevant form as Collect does; that creates counted repeats. */
    void walk() {
        if (!walking) return;
        long end = System.nanoTime() + PATIENCE;
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
        while (controller.stepToNextEvent() != FormEntryController.EVENT_END_OF_FORM)
            if (System.nanoTime() > end)
                throw new Oracle.Refused("paging forward did not end in 10 s, at "
                        + model.getFormIndex().getReference() + ": a repeat count that grows as"
                        + " its instances appear? (load with \"walk\": false)");
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
    }

    TreeElement root() {
        return form.getMainInstance().getRoot();
    }

    private TreeElement find(String path) {
        return Places.find(root(), path);
    }

    /** Every index of one kind of event in the form as it stands, by key. */
    Map<String, FormIndex> indexes(int event) {
        Map<String, FormIndex> found = new LinkedHashMap<>();
        FormIndex index = model.incrementIndex(FormIndex.createBeginningOfFormIndex());
        while (!index.isEndOfFormIndex()) {
            if (model.getEvent(index) == event)
                found.putIfAbsent(Places.key(index.getReference()), index);
            index = model.incrementIndex(index);
        }
        return found;
    }

    // ------------------------------------------------------------ answering

    /** Sets a node; when `strict`, only what Collect's screen would take. */
    void set(String path, JsonNode value, boolean strict, ObjectNode reply) {
        TreeElement element = find(path);
        if (element.getNumChildren() > 0)
            throw new Oracle.Refused(path + " is a group, not a question");
        String text = value == null || value.isNull() ? "" : value.asText();
        IAnswerData data = text.isEmpty() ? null : answer(path, element, text, reply);
        boolean valid = form.evaluateConstraint(element.getRef(), data);
        reply.put("relevant", element.isRelevant());
        reply.put("readonly", !element.isEnabled());
        reply.put("constraint_valid", valid);
        if (strict) refuse(path, element, text, valid);
        if (data != null || element.getValue() != null)
            form.setValue(data, element.getRef(), element, true);
        walk();
    }

    private IAnswerData answer(String path, TreeElement element, String text, ObjectNode reply) {
        IAnswerData data = null;
        try {
            data = parsed(element, text);
        } catch (RuntimeException error) {
            reply.put("parse_error", error.toString());
        }
        if (data == null)
            throw new Oracle.Refused("value '" + text + "' is not valid for " + path + " of type "
                    + DataType.from(element.getDataType()));
        return data;
    }

    private IAnswerData parsed(TreeElement element, String text) {
        QuestionDef question = FormDef.findQuestionByRef(element.getRef(), form);
        return XFormAnswerDataParser.getAnswerData(text, element.getDataType(), question);
    }

    private static void refuse(String path, TreeElement element, String text, boolean valid) {
        if (!element.isRelevant()) throw new Oracle.Refused(path + " is not relevant");
        if (!element.isEnabled()) throw new Oracle.Refused(path + " is read only");
        if (text.isEmpty() && element.isRequired())
            throw new Oracle.Refused(path + " is required");
        if (!valid) throw new Oracle.Refused(path + ": constraint violated by '" + text + "'");
    }

    /** Adds an instance of a repeat; its path. */
    String newRepeat(String path) {
        int cut = path.lastIndexOf('/');
        if (cut <= 0) throw new Oracle.Refused("not a repeat: " + path);
        String name = path.substring(cut + 1).replaceAll("\\[.*", "");
        TreeElement parent = find(path.substring(0, cut));
        FormIndex index = newInstance(Places.key(parent.getRef()) + "/" + name);
        if (index == null) throw new Oracle.Refused(notAddable(parent, name, path));
        if (!form.canCreateRepeat(index.getReference(), index))
            throw new Oracle.Refused(path
                    + ": the form does not let a user add this repeat (jr:count / noAddRemove)");
        if (!model.isIndexRelevant(index))
            throw new Oracle.Refused(path + ": the repeat is not relevant");
        controller.newRepeat(index);
        walk();
        return Places.path(parent) + "/" + name + "[" + parent.getChildMultiplicity(name) + "]";
    }

    private FormIndex newInstance(String wanted) {
        Map<String, FormIndex> prompts = indexes(FormEntryController.EVENT_PROMPT_NEW_REPEAT);
        for (Map.Entry<String, FormIndex> prompt : prompts.entrySet())
            if (Places.withoutLastPosition(prompt.getKey()).equals(wanted))
                return prompt.getValue();
        return null;
    }

    private static String notAddable(TreeElement parent, String name, String path) {
        boolean known = parent.getChild(name, TreeReference.INDEX_TEMPLATE) != null
                || parent.getChildMultiplicity(name) > 0;
        return known ? "not an addable repeat: " + path : "unknown path " + path;
    }

    void deleteRepeat(String path) {
        TreeElement element = find(path);
        if (!element.isRepeatable()) throw new Oracle.Refused("not a repeat: " + path);
        String inside = Places.key(element.getRef()) + "/";
        Map<String, FormIndex> questions = indexes(FormEntryController.EVENT_QUESTION);
        for (Map.Entry<String, FormIndex> question : questions.entrySet()) {
            if (question.getKey().startsWith(inside)) {
                form.deleteRepeat(question.getValue());
                walk();
                return;
            }
        }
        throw new Oracle.Refused(
                "no question with a control inside " + path + ", so it cannot be deleted");
    }

    /**
     * JavaRosa drops a selected choice that the filter no longer offers when the question is shown
     * or the form is finalised. This does so for every relevant select until nothing changes.
     */
    void refreshSelects() {
        for (int pass = 0; pass < MAX_REFRESHES; pass++) {
            boolean changed = false;
            for (FormIndex index : indexes(FormEntryController.EVENT_QUESTION).values())
                changed |= model.isIndexRelevant(index) && refreshSelect(index);
            if (!changed) return;
        }
    }

    private boolean refreshSelect(FormIndex index) {
        FormEntryPrompt prompt = model.getQuestionPrompt(index);
        if (prompt.getQuestion().getDynamicChoices() == null) return false;
        TreeElement element = form.getMainInstance().resolveReference(index.getReference());
        String before = serialized(element);
        try {
            IAnswerData offered = prompt.getAnswerValue();
            if (Objects.equals(before, serialized(element))) return false;
            form.setValue(offered, element.getRef(), element, true);
            return true;
        } catch (RuntimeException error) {
            return false; // a broken choice filter: the dump reports it on the node
        }
    }

    static String serialized(TreeElement element) {
        if (element.getValue() == null) return null;
        Object text = new XFormAnswerDataSerializer()
                .serializeAnswerData(element.getValue(), element.getDataType());
        return text == null ? null : text.toString();
    }

    // ------------------------------------------------------------ asking

    /** What a bare expression gives. */
    ObjectNode evaluate(JsonNode step) throws Exception {
        String source = step.get("eval").asText();
        if (clock != null) source = clock.rename(source);
        XPathConditional expression = new XPathConditional(XPathParseTool.parseXPath(source));
        return described(expression.evalRaw(form.getMainInstance(), context(step)));
    }

    private EvaluationContext context(JsonNode step) {
        TreeElement element =
                step.hasNonNull("context") ? find(step.get("context").asText()) : root();
        EvaluationContext context =
                new EvaluationContext(form.getEvaluationContext(), element.getRef());
        if (step.hasNonNull("candidate")) {
            context.isConstraint = true;
            context.candidateValue = parsed(element, step.get("candidate").asText());
        }
        return context;
    }

    private static ObjectNode described(Object value) {
        ObjectNode result = Oracle.JSON.createObjectNode();
        if (value instanceof XPathNodeset) {
            XPathNodeset nodes = (XPathNodeset) value;
            result.put("type", "nodeset").put("size", nodes.size());
            ArrayNode references = result.putArray("refs");
            for (int i = 0; i < nodes.size(); i++) references.add(Places.key(nodes.getRefAt(i)));
            return result;
        }
        result.put("type", value == null ? "null" : value.getClass().getSimpleName().toLowerCase());
        result.put("string", XPathFuncExpr.toString(value));
        putNumber(result, value);
        try {
            result.put("boolean", XPathFuncExpr.toBoolean(value));
        } catch (RuntimeException error) {
            result.putNull("boolean");
        }
        return result;
    }

    private static void putNumber(ObjectNode result, Object value) {
        try {
            Double number = XPathFuncExpr.toNumeric(value);
            if (number.isNaN() || number.isInfinite()) result.put("number", number.toString());
            else result.put("number", number);
        } catch (RuntimeException error) {
            result.putNull("number");
        }
    }

    /** What Collect does on "send": the end timestamp, then the submission's XML. */
    String complete() throws IOException {
        refreshSelects();
        controller.finalizeFormEntry();
        return submission();
    }

    String submission() throws IOException {
        byte[] xml = new XFormSerializingVisitor().serializeInstance(form.getInstance());
        return xml == null ? null : new String(xml, StandardCharsets.UTF_8);
    }

    /** JavaRosa's own check of the whole form: the first node that fails, and why. */
    void validate(ObjectNode reply) {
        ValidateOutcome outcome = form.validate(true);
        reply.put("valid", outcome == null);
        if (outcome != null) {
            String key = Places.key(outcome.failedPrompt.getReference());
            boolean empty =
                    outcome.outcome == FormEntryController.ANSWER_REQUIRED_BUT_EMPTY;
            reply.put("path", key.replaceAll("\\[1\\]", ""));
            reply.put("why", empty ? "required" : "constraint");
        }
        controller.jumpToIndex(FormIndex.createBeginningOfFormIndex());
    }
}
