package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LogThrottleTest {
    private long nanos = Long.MAX_VALUE - 5; // which overflows, as System.nanoTime may

    @Test
    void aNightOfBadRecordsIsSaidOncePerPauseWithHowManyThereWere() {
        LogThrottle warnings = new LogThrottle(() -> nanos);
        assertThat(warnings.due()).hasValue("");
        for (int i = 0; i < 1000; i++) {
            nanos += Duration.ofMillis(9).toNanos();
            assertThat(warnings.due()).isEqualTo(Optional.empty());
        }
        nanos += Duration.ofSeconds(1).toNanos();
        assertThat(warnings.due()).hasValue(" (and 1000 more since that was said)");
        nanos += Duration.ofSeconds(10).toNanos();
        assertThat(warnings.due()).hasValue("");
    }
}
