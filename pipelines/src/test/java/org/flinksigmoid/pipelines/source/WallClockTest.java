package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PrimitiveIterator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class WallClockTest {
    @Test
    void itGoesOnWhereTheClockIsPutBack() {
        assertThat(read(7_200_000, 7_200_100, 3_600_000, 3_600_050, 3_600_150))
                .containsExactly(7_200_000, 7_200_100, 7_200_100, 7_200_150, 7_200_250);
    }

    @Test
    void itFollowsAClockThatIsPutForwardOrAdjusted() {
        assertThat(read(1_000_000, 5_000_000, 4_999_990, 5_000_000))
                .containsExactly(1_000_000, 5_000_000, 4_999_990, 5_000_000);
    }

    private static long[] read(long... wall) {
        PrimitiveIterator.OfLong times = LongStream.of(wall).iterator();
        WallClock clock = new WallClock(times::nextLong);
        return LongStream.generate(clock::millis).limit(wall.length).toArray();
    }
}
