package org.flinksigmoid.pipelines.evaluation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A text of which one knows the class.
 *
 * @param label the class's name
 * @param text the text
 */
public record LabelledText(String label, String text) {
    /**
     * Lines {@code label<TAB>text}, as they are; further tabs belong to the text. Empty lines are
     * skipped.
     *
     * @param prefix characters of each text to keep, counted in code points
     * @throws IllegalArgumentException naming file and line where one is not like that
     */
    public static List<LabelledText> read(Path file, int prefix) throws IOException {
        List<LabelledText> texts = new ArrayList<>();
        int number = 0;
        for (String line : Utf8Lines.read(file)) {
            number++;
            if (line.isEmpty()) {
                continue;
            }
            int tab = line.indexOf('\t');
            if (tab <= 0) {
                throw new IllegalArgumentException(
                        "%s line %d: expected label<TAB>text, found no tab after a label"
                                .formatted(file, number));
            }
            String text = firstCodePoints(line.substring(tab + 1), prefix);
            texts.add(new LabelledText(line.substring(0, tab), text));
        }
        if (texts.isEmpty()) {
            throw new IllegalArgumentException(
                    file + ": expected lines label<TAB>text, found none");
        }
        return texts;
    }

    private static String firstCodePoints(String text, int count) {
        return text.codePointCount(0, text.length()) <= count
                ? text
                : text.substring(0, text.offsetByCodePoints(0, count));
    }
}
