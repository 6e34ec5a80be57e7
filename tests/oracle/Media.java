import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.javarosa.core.model.condition.EvaluationContext;
import org.javarosa.core.model.condition.IFunctionHandler;
import org.javarosa.core.reference.PrefixedRootFactory;
import org.javarosa.core.reference.Reference;
import org.javarosa.core.reference.ReferenceManager;
import org.javarosa.xpath.expr.XPathFuncExpr;

/** The files beside a form; what is not there is remembered and stands in as an empty list. */
final class Media {
    private static final String[] PREFIXES =
            {"file-csv/", "file/", "images/", "audio/", "video/", "instance/"};

    final Set<String> missing = new LinkedHashSet<>();
    private final Path folder;
    private final Map<String, List<Map<String, String>>> tables = new HashMap<>();

    Media(Path folder) {
        this.folder = folder;
    }

    void install() {
        ReferenceManager manager = ReferenceManager.instance();
        manager.reset();
        manager.addReferenceFactory(new PrefixedRootFactory(PREFIXES) {
            @Override
            protected Reference factory(String terminal, String uri) {
                return new FileReference(uri, resolve(uri));
            }
        });
    }

    private Path resolve(String uri) {
        String name = uri.substring(uri.lastIndexOf('/') + 1);
        Path file = folder.resolve(name);
        if (Files.exists(file)) return file;
        missing.add(name);
        try {
            return emptyList(name);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    private static Path emptyList(String name) throws IOException {
        Path temporary = Files.createTempDirectory("oracle-media");
        temporary.toFile().deleteOnExit();
        Path file = temporary.resolve(name.isEmpty() ? "x.xml" : name);
        file.toFile().deleteOnExit();
        String content = "<root><item><name/><label/></item></root>";
        if (name.endsWith(".csv")) content = "name,label\n";
        if (name.endsWith(".geojson"))
            content = "{\"type\":\"FeatureCollection\",\"features\":[]}";
        return Files.write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    private List<Map<String, String>> table(String name) {
        return tables.computeIfAbsent(name, this::read);
    }

    private List<Map<String, String>> read(String name) {
        List<Map<String, String>> rows = new ArrayList<>();
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            missing.add(name);
            return rows;
        }
        CSVFormat format = CSVFormat.DEFAULT.withFirstRecordAsHeader();
        try (CSVParser csv = CSVParser.parse(file.toFile(), StandardCharsets.UTF_8, format)) {
            for (CSVRecord row : csv) rows.add(row.toMap());
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
        return rows;
    }

    private static final class FileReference implements Reference {
        private final String uri;
        private final Path file;

        FileReference(String uri, Path file) {
            this.uri = uri;
            this.file = file;
        }

        @Override
        public boolean doesBinaryExist() {
            return Files.exists(file);
        }

        @Override
        public InputStream getStream() throws IOException {
            return Files.newInputStream(file);
        }

        @Override
        public String getURI() {
            return uri;
        }

        @Override
        public String getLocalURI() {
            return file.toString();
        }

        @Override
        public boolean isReadOnly() {
            return true;
        }

        @Override
        public OutputStream getOutputStream() {
            throw new UnsupportedOperationException();
        }

        @Override
        public void remove() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Reference[] probeAlternativeReferences() {
            return new Reference[0];
        }
    }

    /** pulldata() is Collect's, not JavaRosa's: a stand-in over CSV files. */
    final class Pulldata implements IFunctionHandler {
        @Override
        public String getName() {
            return "pulldata";
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
            if (arguments.length != 4) throw new Oracle.Refused("pulldata needs 4 arguments");
            String[] texts = new String[4];
            for (int i = 0; i < 4; i++) texts[i] = XPathFuncExpr.toString(arguments[i]);
            String file = texts[0].endsWith(".csv") ? texts[0] : texts[0] + ".csv";
            for (Map<String, String> row : table(file))
                if (texts[3].equals(row.get(texts[2]))) return row.getOrDefault(texts[1], "");
            return "";
        }
    }
}
