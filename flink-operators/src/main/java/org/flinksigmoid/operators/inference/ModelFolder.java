package org.flinksigmoid.operators.inference;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The checkpoints in a watched folder. */
final class ModelFolder {
    /** What makes a folder a checkpoint. */
    private static final String CONFIG = "config.json";

    private static final Pattern PARTS = Pattern.compile("[0-9]+|[^0-9]+");

    private ModelFolder() {}

    /**
     * The folder itself, if it is a checkpoint; or the folders in it, the greatest version first.
     * Empty if there is none.
     *
     * @throws UncheckedIOException if the folder can't be read
     */
    static List<Path> checkpoints(Path folder) {
        if (Files.exists(folder.resolve(CONFIG))) {
            return List.of(folder);
        }
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.filter(ModelFolder::isVersion)
                    .sorted(
                            Comparator.comparing(ModelFolder::name, ModelFolder::compare)
                                    .reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(
                    folder + ": expected a readable folder of models, found none", e);
        }
    }

    private static boolean isVersion(Path folder) {
        String name = name(folder);
        return Files.isDirectory(folder) && !name.startsWith(".") && !name.startsWith("_");
    }

    private static String name(Path folder) {
        return folder.getFileName().toString();
    }

    /** Compares names part by part, digits as numbers: v9 before v10. */
    static int compare(String left, String right) {
        List<String> a = parts(left);
        List<String> b = parts(right);
        for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
            int order = comparePart(a.get(i), b.get(i));
            if (order != 0) {
                return order;
            }
        }
        int order = Integer.compare(a.size(), b.size());
        return order != 0 ? order : left.compareTo(right);
    }

    private static int comparePart(String left, String right) {
        if (isNumber(left) && isNumber(right)) {
            return new BigInteger(left).compareTo(new BigInteger(right));
        }
        return left.compareTo(right);
    }

    private static boolean isNumber(String part) {
        return part.charAt(0) >= '0' && part.charAt(0) <= '9';
    }

    private static List<String> parts(String name) {
        return PARTS.matcher(name).results().map(MatchResult::group).toList();
    }
}
