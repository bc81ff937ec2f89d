package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorUseTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            textBlock =
                    """
                    Source: calls -> calls: good (3/16)#0; calls
                    speech windows (16/16)#0; speech windows
                    encoder -> windows: Writer (1/2)#0; encoder
                    encoder (1/2)#0 device #12; encoder's calls
                    flink-metrics-8; flink
                    """)
    void threadsOfOnePurposeGoTogether(String thread, String purpose) {
        assertThat(ProcessorUse.purpose(thread)).isEqualTo(purpose);
    }

    @Test
    void aThreadThatComputesIsSeenUnderItsName() throws InterruptedException {
        ProcessorUse use = ProcessorUse.start();
        Thread busy = new Thread(ProcessorUseTest::compute, "busy (1/1)");
        busy.start();
        ProcessorUse.Use found;
        do { // until the machine has let it compute for more than a little
            Thread.sleep(300);
            found = use.take();
        } while (!found.groups().containsKey("busy") && busy.isAlive());
        busy.interrupt();
        busy.join();
        assertThat(found.groups()).containsKey("busy");
        double countedInTicks = 0.1; // of the process, of 10 ms each
        assertThat(found.all())
                .isGreaterThan(found.groups().get("busy").processors() - countedInTicks);
    }

    private static void compute() {
        while (!Thread.currentThread().isInterrupted()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void whatIsNearestToItsLimitIsNamed() {
        ProcessorUse.Use use =
                new ProcessorUse.Use(
                        4,
                        Map.of(
                                "speech windows",
                                new ProcessorUse.Group(16, 3),
                                "encoder's calls",
                                new ProcessorUse.Group(2, 1.6)));
        assertThat(CallsResult.bottleneck(OptionalDouble.of(.5), use, 16))
                .isEqualTo("the threads of encoder's calls, 80 % busy");
        assertThat(CallsResult.bottleneck(OptionalDouble.of(.9), use, 16))
                .isEqualTo("the GPU, 90 % busy");
    }
}
