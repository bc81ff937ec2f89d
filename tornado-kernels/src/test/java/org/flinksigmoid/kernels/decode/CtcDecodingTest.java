package org.flinksigmoid.kernels.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class CtcDecodingTest {
    @Test
    void greedyMergesRepeatsAndSplitsAtBlanks() {
        float[] scores = rows(3, 0, 1, 1, 0, 1, 2, 2, 0, 0);
        assertThat(CtcGreedy.decode(scores, 3, 0))
                .containsExactly(
                        new CtcToken(1, 1, 3), new CtcToken(1, 4, 5), new CtcToken(2, 5, 7));
        assertThat(CtcGreedy.decode(new float[0], 3, 0)).isEmpty();
    }

    @Test
    void greedyTakesTheLowestOfEqualLabels() {
        assertThat(CtcGreedy.decode(new float[] {-1, -1, -1}, 3, 0)).isEmpty();
        assertThat(CtcGreedy.decode(new float[] {-2, -1, -1}, 3, 0))
                .containsExactly(new CtcToken(1, 0, 1));
    }

    @Test
    void scoresThatAreNoWholeRowsAreRefused() {
        assertThatThrownBy(() -> CtcGreedy.decode(new float[7], 3, 0))
                .hasMessage("scores: expected rows of 3 classes, found 7 values");
        assertThatThrownBy(() -> CtcGreedy.decode(new float[6], 3, 3))
                .hasMessage("blank: expected 0 to 2, found 3");
    }

    @Test
    void labelsSpellWordsByTheirKind() {
        List<CtcToken> tokens =
                List.of(
                        new CtcToken(1, 0, 1),
                        new CtcToken(2, 2, 3),
                        new CtcToken(3, 4, 5),
                        new CtcToken(1, 6, 8));
        assertThat(new CtcLabels(List.of("_", "3", "0", "7"), 0).text(tokens)).isEqualTo("3 0 7 3");
        assertThat(new CtcLabels(List.of("_", "a", "|", "b"), 0).words(tokens))
                .containsExactly(new CtcWord("a", 0, 1), new CtcWord("ba", 4, 8));
        assertThat(new CtcLabels(List.of("_", "▁he", "llo", "▁you"), 0).words(tokens))
                .containsExactly(
                        new CtcWord("hello", 0, 3),
                        new CtcWord("you", 4, 5),
                        new CtcWord("he", 6, 8));
        assertThat(CtcLabels.DIGITS.text(List.of())).isEmpty();
        assertThatThrownBy(() -> new CtcLabels(List.of("a"), 1))
                .hasMessage("blank: expected 0 to 0, found 1");
    }

    /** Log-probabilities that all but name one label a step. */
    private static float[] rows(int classes, int... labels) {
        float[] scores = new float[labels.length * classes];
        for (int step = 0; step < labels.length; step++) {
            for (int c = 0; c < classes; c++) {
                scores[step * classes + c] = c == labels[step] ? -0.001f : -12;
            }
        }
        return scores;
    }
}
