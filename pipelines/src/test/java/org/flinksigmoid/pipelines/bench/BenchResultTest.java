package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BenchResultTest {
    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(BenchResult.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
        assertThat(BenchResult.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
        assertThat(BenchResult.median(List.of(1.0, 2.0))).isEqualTo(1.5);
    }

    @Test
    void ratiosComeInTheSameOrderEachTime() {
        Map<String, Double> ratios = Map.of("d", 1.0, "b", 2.0, "a", 3.0, "e", 4.0, "c", 5.0);
        assertThat(new BenchResult("bench", ratios, List.of()).ratios().keySet())
                .containsExactly("a", "b", "c", "d", "e");
    }

    /** The last 16 of 1296 windows, which came at once, were once some 360,000 a second. */
    @Test
    void aRateTakesMoreResultsThanComeAtOnce() {
        ResultClock clock = new ResultClock();
        for (int i = 0; i < ResultClock.WARM_UP + 16; i++) {
            clock.accept("result");
        }
        assertThatThrownBy(clock::rate)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("bench: expected at least 2560 results, found 1296");
    }
}
