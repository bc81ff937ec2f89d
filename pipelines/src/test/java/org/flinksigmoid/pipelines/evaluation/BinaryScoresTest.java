package org.flinksigmoid.pipelines.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class BinaryScoresTest {
    @Test
    void areaIsTheShareOfPairsInTheRightOrder() {
        Random random = new Random(7);
        double[] scores = random.doubles(60).map(x -> Math.floor(x * 20) / 20).toArray();
        boolean[] positive = new boolean[60];
        BinaryScores binary = new BinaryScores();
        for (int i = 0; i < 60; i++) {
            positive[i] = random.nextInt(3) == 0;
            binary.add(scores[i], positive[i]);
        }
        double right = 0;
        double pairs = 0;
        for (int i = 0; i < 60; i++) {
            for (int j = 0; j < 60; j++) {
                if (positive[i] && !positive[j]) {
                    pairs++;
                    right += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
            }
        }
        assertThat(binary.areaUnderCurve()).isCloseTo(right / pairs, within(1e-12));
    }

    @Test
    void oneClassAloneHasNoArea() {
        BinaryScores binary = new BinaryScores();
        binary.add(0.3, true);
        assertThat(binary.areaUnderCurve()).isNaN();
    }
}
