package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class BenchResultTest {
    @Test
    void theMedianOfAnEvenNumberLiesBetweenTheTwoInTheMiddle() {
        assertThat(BenchResult.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
        assertThat(BenchResult.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
        assertThat(BenchResult.median(List.of(1.0, 2.0))).isEqualTo(1.5);
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
