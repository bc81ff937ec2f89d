package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CallLatenciesTest {
    @Test
    void countsByStageAndLeavesOutItsBeginning() {
        try (CallClock clock = CallClock.create()) {
            long begin = clock.start();
            CallLatencies latencies = new CallLatencies(clock, 2, 1000, 400);
            latencies.add(begin + 399);
            latencies.add(begin + 400);
            latencies.add(begin + 999);
            latencies.add(begin + 1700);
            latencies.add(begin + 2700);
            assertThat(latencies.count(0)).isEqualTo(2);
            assertThat(latencies.count(1)).isEqualTo(1);
        }
    }

    @Test
    void whatHasNotComeCountsAsVeryLate() {
        try (CallClock clock = CallClock.create()) {
            long begin = clock.start();
            CallLatencies latencies = new CallLatencies(clock, 1, 10_000_000, 0);
            for (int i = 0; i < 98; i++) {
                latencies.add(begin + 1_000_000); // lies ahead: no time has passed
            }
            assertThat(latencies.quantile(0, 0.5, 100)).isZero();
            assertThat(latencies.quantile(0, 0.99, 98)).isZero();
            assertThat(latencies.quantile(0, 0.99, 100)).isEqualTo(60_000);
        }
    }
}
