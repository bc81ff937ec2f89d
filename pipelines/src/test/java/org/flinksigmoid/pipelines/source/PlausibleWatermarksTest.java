package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PlausibleWatermarksTest {
    private static final Duration DAY = Duration.ofDays(1);
    private static final long NOW = 1_700_000_000_000L;

    private final Emitted emitted = new Emitted();
    private long clock = 5;
    private final PlausibleWatermarks<String> watermarks =
            new PlausibleWatermarks<>(Duration.ofSeconds(1), DAY, () -> clock);

    @Test
    void theyFollowTheLatestTime() {
        watermarks.onPeriodicEmit(emitted);
        assertThat(emitted.latest).as("of nothing").isNull();

        assertThat(after(NOW, NOW + 500, NOW + 200)).isEqualTo(NOW + 500 - 1001);
        assertThat(after(NOW + DAY.toMillis())).isEqualTo(NOW + DAY.toMillis() - 1001);
    }

    @ParameterizedTest
    @ValueSource(longs = {NOW + 86_401_000L, 1L << 52, 1L << 60, Long.MAX_VALUE, Long.MIN_VALUE})
    void aTimeFarAheadOfTheOthersMovesNone(long absurd) {
        after(NOW);

        for (int i = 0; i < 10 * PlausibleWatermarks.WITNESSES; i++) {
            assertThat(after(absurd)).isEqualTo(NOW + i / 2 - 1001);
            after(NOW + (i + 1) / 2);
        }
    }

    @Test
    void aTimeThatMakesNoSenseIsNotTheFirst() {
        watermarks.onEvent("", Long.MAX_VALUE, emitted);
        watermarks.onPeriodicEmit(emitted);

        assertThat(emitted.latest).isNull();
        assertThat(after(NOW)).isEqualTo(NOW - 1001);
    }

    @Test
    void aPauseIsNotFarAhead() {
        after(NOW);
        clock += Duration.ofDays(9).toMillis();

        assertThat(after(NOW + Duration.ofDays(9).toMillis()))
                .isEqualTo(NOW + Duration.ofDays(9).toMillis() - 1001);
    }

    @Test
    void aGapThatAllAgreeOnIsBelieved() {
        after(NOW);
        long later = NOW + Duration.ofDays(400).toMillis();
        for (int i = 1; i < PlausibleWatermarks.WITNESSES; i++) {
            assertThat(after(later + i)).isEqualTo(NOW - 1001);
        }

        assertThat(after(later + DAY.toMillis())).isEqualTo(later + 1 - 1001);
        assertThat(after(later + DAY.toMillis())).isEqualTo(later + DAY.toMillis() - 1001);
    }

    private long after(long... times) {
        for (long time : times) {
            watermarks.onEvent("", time, emitted);
        }
        watermarks.onPeriodicEmit(emitted);
        return emitted.latest.getTimestamp();
    }

    private static final class Emitted implements WatermarkOutput {
        private Watermark latest;

        @Override
        public void emitWatermark(Watermark watermark) {
            latest = watermark;
        }

        @Override
        public void markIdle() {
            throw new AssertionError("idle");
        }

        @Override
        public void markActive() {
            throw new AssertionError("active");
        }
    }
}
