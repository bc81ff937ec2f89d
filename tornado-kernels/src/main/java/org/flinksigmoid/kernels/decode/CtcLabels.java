package org.flinksigmoid.kernels.decode;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The labels of a CTC head and how they make words. With a label {@code "|"} or {@code " "} the
 * others are letters and that one ends a word; with labels that begin with {@code "▁"} those begin
 * one; otherwise every label is a word.
 *
 * @param labels text of each id
 * @param blank id of the blank
 */
public record CtcLabels(List<String> labels, int blank) implements Serializable {
    /** Ten digits after the blank, as the shipped digit models have them. */
    public static final CtcLabels DIGITS =
            new CtcLabels(List.of("<blank>", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9"), 0);

    private static final String WORD_START = "▁";

    /** Copies the list and checks the blank. */
    public CtcLabels {
        labels = List.copyOf(labels);
        if (blank < 0 || blank >= labels.size()) {
            throw new IllegalArgumentException(
                    "blank: expected 0 to %d, found %d".formatted(labels.size() - 1, blank));
        }
    }

    /** How many there are, the blank included. */
    public int size() {
        return labels.size();
    }

    /**
     * The words that some tokens spell.
     *
     * @throws IndexOutOfBoundsException if a token's label is none of these
     */
    public List<CtcWord> words(List<CtcToken> tokens) {
        boolean delimited = labels.stream().anyMatch(CtcLabels::isDelimiter);
        boolean pieces = labels.stream().anyMatch(label -> label.startsWith(WORD_START));
        List<CtcWord> words = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        long start = 0;
        long end = 0;
        for (CtcToken token : tokens) {
            String label = labels.get(token.label());
            boolean ends = delimited ? isDelimiter(label) : !pieces || label.startsWith(WORD_START);
            if (ends) {
                add(words, text, start, end);
            }
            String piece = isDelimiter(label) ? "" : label.replace(WORD_START, "");
            if (text.isEmpty()) {
                start = token.startStep();
            }
            end = token.endStep();
            text.append(piece);
        }
        add(words, text, start, end);
        return words;
    }

    /** The words, one space between them. */
    public String text(List<CtcToken> tokens) {
        return words(tokens).stream().map(CtcWord::text).collect(Collectors.joining(" "));
    }

    private static boolean isDelimiter(String label) {
        return label.equals("|") || label.equals(" ");
    }

    private static void add(List<CtcWord> words, StringBuilder text, long start, long end) {
        if (!text.isEmpty()) {
            words.add(new CtcWord(text.toString(), start, end));
            text.setLength(0);
        }
    }
}
