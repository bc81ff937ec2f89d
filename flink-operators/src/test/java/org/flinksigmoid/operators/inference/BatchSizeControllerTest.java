package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchSizeControllerTest {
    private static final long MILLI = 1_000_000;

    /**
     * A device with a cost per call and one per record, as a saturated operator drives it: as many
     * records as allowed are in flight, so a record waits for those before it.
     */
    private static final class Device {
        private final Random random = new Random(3);
        private double callMillis;
        private double recordMillis;
        private long[] lastLatencies = new long[0];

        Device(double callMillis, double recordMillis) {
            this.callMillis = callMillis;
            this.recordMillis = recordMillis;
        }

        void run(BatchSizeController controller, int records) {
            lastLatencies = new long[records];
            int done = 0;
            while (done < records) {
                int size = controller.batchSize();
                double call = callMillis + recordMillis * size;
                double batches = controller.inFlight() / (double) size;
                controller.dispatched(size);
                for (int i = 0; i < size && done < records; i++) {
                    double noise = 0.95 + 0.1 * random.nextDouble();
                    lastLatencies[done] = (long) (call * batches * noise * MILLI);
                    controller.emitted(lastLatencies[done++]);
                }
            }
        }

        double p99Millis() {
            Arrays.sort(lastLatencies);
            return lastLatencies[(int) (0.99 * lastLatencies.length)] / (double) MILLI;
        }

        /** Largest batch whose three in flight keep the target. */
        double best(double targetMillis) {
            return (targetMillis / 3 - callMillis) / recordMillis;
        }
    }

    @ParameterizedTest
    @CsvSource({"50, 2, 0.2", "50, 5, 0.1", "200, 1, 1", "20, 1, 0.5", "1000, 10, 0.9"})
    void findsALargeBatchThatKeepsTheTarget(double target, double perCall, double perRecord) {
        BatchSizeController controller =
                new BatchSizeController((long) (target * MILLI), 4096, 100_000, 1);
        Device device = new Device(perCall, perRecord);
        device.run(controller, 100_000);
        device.run(controller, 20_000);
        assertThat(device.p99Millis()).isLessThan(target);
        assertThat((double) controller.batchSize())
                .isBetween(0.6 * device.best(target), device.best(target));
    }

    @Test
    void backsOffWhenTheDeviceSlowsDownAndComesBack() {
        BatchSizeController controller = new BatchSizeController(100 * MILLI, 1024, 100_000, 1);
        Device device = new Device(1, 0.2);
        device.run(controller, 50_000);
        int before = controller.batchSize();
        device.callMillis = 4;
        device.recordMillis = 1;
        device.run(controller, 20_000);
        device.run(controller, 5_000);
        assertThat(device.p99Millis()).isLessThan(100);
        assertThat(controller.batchSize()).isLessThan(before / 3);
        device.callMillis = 1;
        device.recordMillis = 0.2;
        device.run(controller, 100_000);
        assertThat(controller.batchSize()).isGreaterThan((int) (0.8 * before));
    }

    @Test
    void batchesThatAreNotFullDoNotGrow() {
        BatchSizeController controller = new BatchSizeController(100 * MILLI, 1024, 100_000, 1);
        for (int i = 0; i < 10_000; i++) {
            controller.dispatched(1);
            controller.emitted(MILLI);
        }
        assertThat(controller.batchSize()).isEqualTo(8);
    }

    @Test
    void aTargetThatNothingMeetsGivesBatchesOfOne() {
        BatchSizeController controller = new BatchSizeController(MILLI, 1024, 100_000, 1);
        new Device(50, 1).run(controller, 20_000);
        assertThat(controller.batchSize()).isEqualTo(1);
        assertThat(controller.inFlight()).isEqualTo(3);
    }
}
