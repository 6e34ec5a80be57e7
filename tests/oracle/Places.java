import java.util.ArrayDeque;
import java.util.LinkedHashSet;
import java.util.Set;
import org.javarosa.core.model.instance.TreeElement;
import org.javarosa.core.model.instance.TreeReference;

/** Nodes by their paths (`/data/child[2]/age`, 1-based, no position means the first) and back. */
final class Places {
    private Places() {}

    /** Every step with its position: equal for equal places. */
    static String key(TreeReference reference) {
        StringBuilder key = new StringBuilder();
        for (int i = 0; i < reference.size(); i++) {
            int position = Math.max(reference.getMultiplicity(i), 0) + 1;
            key.append('/').append(reference.getName(i)).append('[').append(position).append(']');
        }
        return key.toString();
    }

    static String withoutLastPosition(String key) {
        return key.substring(0, key.lastIndexOf('['));
    }

    /** The path as people write it: positions only of repeats. */
    static String path(TreeElement element) {
        ArrayDeque<String> steps = new ArrayDeque<>();
        TreeElement at = element;
        while (at != null && at.getName() != null) {
            steps.addFirst(step(at));
            at = (TreeElement) at.getParent();
        }
        return "/" + String.join("/", steps);
    }

    private static String step(TreeElement element) {
        if (element.isAttribute()) return "@" + element.getName();
        if (element.isRepeatable()) return element.getName() + "[" + (element.getMult() + 1) + "]";
        return element.getName();
    }

    /** The node at a path. */
    static TreeElement find(TreeElement root, String path) {
        if (path == null || !path.startsWith("/"))
            throw new Oracle.Refused("path must be absolute: " + path);
        String[] steps = path.substring(1).split("/");
        if (!nameOf(steps[0]).equals(root.getName()))
            throw new Oracle.Refused("unknown path " + path + ": root is /" + root.getName());
        TreeElement at = root;
        for (int i = 1; i < steps.length; i++) at = below(at, steps[i], path);
        return at;
    }

    private static TreeElement below(TreeElement parent, String step, String path) {
        String name = nameOf(step);
        if (name.startsWith("@")) {
            TreeElement attribute = parent.getAttribute(null, name.substring(1));
            if (attribute == null)
                throw new Oracle.Refused("unknown path " + path + ": no attribute " + name);
            return attribute;
        }
        int position = positionOf(step, path);
        TreeElement child = parent.getChild(name, position - 1);
        if (child == null) throw new Oracle.Refused(unknown(parent, name, position, path));
        return child;
    }

    private static String nameOf(String step) {
        int bracket = step.indexOf('[');
        return bracket < 0 ? step : step.substring(0, bracket);
    }

    private static int positionOf(String step, String path) {
        int bracket = step.indexOf('[');
        if (bracket < 0) return 1;
        try {
            return Integer.parseInt(step.substring(bracket + 1, step.length() - 1).trim());
        } catch (RuntimeException error) {
            throw new Oracle.Refused("bad position in path step '" + step + "' of " + path);
        }
    }

    private static String unknown(TreeElement parent, String name, int position, String path) {
        int instances = parent.getChildMultiplicity(name);
        if (instances > 0)
            return "unknown path " + path + ": " + path(parent) + "/" + name + " has " + instances
                    + " instance(s), position " + position + " asked";
        Set<String> children = new LinkedHashSet<>();
        for (int i = 0; i < parent.getNumChildren(); i++)
            children.add(parent.getChildAt(i).getName());
        return "unknown path " + path + ": '" + name + "' is not a child of " + path(parent)
                + "; children: " + children;
    }
}
