package org.flinksigmoid.pipelines.evaluation;

import java.util.List;

/**
 * Word errors by Levenshtein's distance: the fewest substitutions, insertions and deletions that
 * turn one text into the other.
 *
 * @param errors substitutions + insertions + deletions
 * @param words words of the reference
 */
public record WordErrors(long errors, long words) {
    /** Nothing counted yet. */
    public static final WordErrors NONE = new WordErrors(0, 0);

    /** Of one text; words are what spaces separate. */
    public static WordErrors between(String reference, String hypothesis) {
        List<String> expected = words(reference);
        return new WordErrors(distance(expected, words(hypothesis)), expected.size());
    }

    /** Both together. */
    public WordErrors plus(WordErrors other) {
        return new WordErrors(errors + other.errors, words + other.words);
    }

    /** Errors per word of the reference; 0 without errors, infinite for errors against no words. */
    public double rate() {
        if (errors == 0) {
            return 0.0;
        }
        return (double) errors / words;
    }

    private static List<String> words(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? List.of() : List.of(stripped.split("\\s+"));
    }

    private static int distance(List<String> expected, List<String> found) {
        int[] above = new int[found.size() + 1];
        for (int j = 0; j <= found.size(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= expected.size(); i++) {
            int[] row = new int[found.size() + 1];
            row[0] = i;
            for (int j = 1; j <= found.size(); j++) {
                int substitution = expected.get(i - 1).equals(found.get(j - 1)) ? 0 : 1;
                row[j] = Math.min(above[j - 1] + substitution, Math.min(above[j], row[j - 1]) + 1);
            }
            above = row;
        }
        return above[found.size()];
    }
}
