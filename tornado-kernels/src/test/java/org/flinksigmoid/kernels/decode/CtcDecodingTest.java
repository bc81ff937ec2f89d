package org.flinksigmoid.kernels.decode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
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
        assertThatThrownBy(() -> new CtcPrefixBeam(0, 0))
                .hasMessage("beam width: expected >= 1, found 0");
    }

    @Property(tries = 200, seed = "20261124")
    void wideBeamEqualsTheSumOverAllPaths(@ForAll long seed, @ForAll @IntRange(max = 5) int steps) {
        int classes = 3;
        float[] logProbs = random(seed, steps, classes);
        Map<List<Integer>, Double> exact = new HashMap<>();
        int paths = (int) Math.pow(classes, steps);
        for (int path = 0; path < paths; path++) {
            double probability = 1;
            List<Integer> labels = new ArrayList<>();
            int previous = 0;
            for (int step = 0, rest = path; step < steps; step++, rest /= classes) {
                int label = rest % classes;
                probability *= Math.exp(logProbs[step * classes + label]);
                if (label != 0 && label != previous) {
                    labels.add(label);
                }
                previous = label;
            }
            exact.merge(labels, probability, Double::sum);
        }
        List<CtcPrefixBeam.Hypothesis> found = new CtcPrefixBeam(1000, 0).decode(logProbs, classes);
        assertThat(found).hasSameSizeAs(exact.keySet());
        for (CtcPrefixBeam.Hypothesis hypothesis : found) {
            List<Integer> labels = hypothesis.tokens().stream().map(CtcToken::label).toList();
            assertThat(Math.exp(hypothesis.logProbability()))
                    .isCloseTo(exact.get(labels), within(1e-9));
        }
        assertThat(found)
                .isSortedAccordingTo(
                        (a, b) -> Double.compare(b.logProbability(), a.logProbability()));
    }

    @Test
    void beamFindsWhatGreedyMisses() {
        // Blank is the best label of both steps, yet "1" has more paths: 0.4*0.4 + 2*0.6*0.4.
        float ln4 = (float) Math.log(0.4);
        float ln6 = (float) Math.log(0.6);
        float[] logProbs = {ln6, ln4, ln6, ln4};
        assertThat(CtcGreedy.decode(logProbs, 2, 0)).isEmpty();
        List<CtcPrefixBeam.Hypothesis> found = new CtcPrefixBeam(2, 0).decode(logProbs, 2);
        assertThat(found.getFirst().tokens()).extracting(CtcToken::label).containsExactly(1);
        assertThat(Math.exp(found.getFirst().logProbability())).isCloseTo(0.64, within(1e-6));
    }

    @Property(tries = 100, seed = "20261124")
    void confidentStepsGiveBothDecodersTheSameTokensAndTimes(
            @ForAll long seed, @ForAll @IntRange(max = 60) int steps) {
        Random random = new Random(seed);
        int[] labels = random.ints(steps, 0, 4).toArray();
        float[] scores = rows(4, labels);
        assertThat(new CtcPrefixBeam(4, 0).decode(scores, 4).getFirst().tokens())
                .isEqualTo(CtcGreedy.decode(scores, 4, 0));
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

    private static float[] random(long seed, int steps, int classes) {
        Random random = new Random(seed);
        float[] logProbs = new float[steps * classes];
        for (int step = 0; step < steps; step++) {
            double sum = 0;
            double[] row = new double[classes];
            for (int c = 0; c < classes; c++) {
                row[c] = Math.exp(2 * random.nextGaussian());
                sum += row[c];
            }
            for (int c = 0; c < classes; c++) {
                logProbs[step * classes + c] = (float) Math.log(row[c] / sum);
            }
        }
        return logProbs;
    }
}
