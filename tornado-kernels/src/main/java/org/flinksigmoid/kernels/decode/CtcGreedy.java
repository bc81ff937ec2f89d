package org.flinksigmoid.kernels.decode;

import java.util.ArrayList;
import java.util.List;

/**
 * CTC by the best label of each step (best path decoding, Graves et al., ICML 2006, section 3.2):
 * repeats merge, blanks separate. Of equal scores the lowest label wins. One step at a time, so a
 * stream can be decoded as it comes; not thread-safe.
 */
public final class CtcGreedy {
    private final int blank;
    private int previous;
    private int blanksSinceToken;
    private final List<CtcToken> tokens = new ArrayList<>();

    /**
     * @param blank id of the blank
     */
    CtcGreedy(int blank) {
        this.blank = blank;
        this.previous = blank;
    }

    CtcGreedy(int blank, int previous, int blanksSinceToken, List<CtcToken> tokens) {
        this.blank = blank;
        this.previous = previous;
        this.blanksSinceToken = blanksSinceToken;
        this.tokens.addAll(tokens);
    }

    /**
     * Decodes a whole utterance.
     *
     * @param scores {@code [steps, classes]}; log-probabilities or anything that grows with them
     * @throws IllegalArgumentException if the scores are not whole rows
     */
    public static List<CtcToken> decode(float[] scores, int classes, int blank) {
        int steps = steps(scores, classes, blank);
        CtcGreedy greedy = new CtcGreedy(blank);
        for (int step = 0; step < steps; step++) {
            greedy.accept(step, argmax(scores, step * classes, classes));
        }
        return greedy.tokens();
    }

    /** Takes the best label of the next step. */
    void accept(long step, int label) {
        if (label == blank) {
            blanksSinceToken++;
        } else {
            blanksSinceToken = 0;
            if (label == previous && !tokens.isEmpty()) {
                CtcToken last = tokens.removeLast();
                tokens.add(new CtcToken(label, last.startStep(), step + 1));
            } else {
                tokens.add(new CtcToken(label, step, step + 1));
            }
        }
        previous = label;
    }

    /** The tokens since the last {@link #clear}; a copy. */
    List<CtcToken> tokens() {
        return List.copyOf(tokens);
    }

    /** Whether there is any token. */
    boolean isEmpty() {
        return tokens.isEmpty();
    }

    int size() {
        return tokens.size();
    }

    /** Steps of blank since the last token, or since the beginning. */
    int blanksSinceToken() {
        return blanksSinceToken;
    }

    int previous() {
        return previous;
    }

    /** Forgets the tokens, not where the stream is. */
    void clear() {
        tokens.clear();
    }

    CtcGreedy copy() {
        return new CtcGreedy(blank, previous, blanksSinceToken, tokens);
    }

    /**
     * The best label of a step.
     *
     * @param offset where the step's scores begin
     * @return the lowest index, counted from there, of the greatest score
     */
    public static int argmax(float[] scores, int offset, int classes) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
            if (scores[offset + c] > scores[offset + best]) {
                best = c;
            }
        }
        return best;
    }

    /** Rows of {@code scores}, checked. */
    private static int steps(float[] scores, int classes, int blank) {
        if (classes < 1 || scores.length % classes != 0) {
            throw new IllegalArgumentException(
                    "scores: expected rows of %d classes, found %d values"
                            .formatted(classes, scores.length));
        }
        if (blank < 0 || blank >= classes) {
            throw new IllegalArgumentException(
                    "blank: expected 0 to %d, found %d".formatted(classes - 1, blank));
        }
        return scores.length / classes;
    }
}
