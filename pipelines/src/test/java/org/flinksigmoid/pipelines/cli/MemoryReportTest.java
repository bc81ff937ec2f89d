package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryReportTest {
    @Test
    void saysHeapAndResidentMemoryUntilItIsClosed() throws Exception {
        StringWriter text = new StringWriter();
        try (MemoryReport _ = MemoryReport.start(new PrintWriter(text), Duration.ofMillis(50))) {
            for (int i = 0; i < 2000 && text.toString().split("\n", -1).length < 3; i++) {
                Thread.sleep(50); // until two lines have come to their ends
            }
        }
        assertThat(text.toString().lines().limit(2))
                .hasSize(2)
                .allMatch(
                        line ->
                                line.matches(
                                        "memory after +\\d+ min: heap after a full collection"
                                                + " [1-9]\\d*\\.\\d MiB, resident"
                                                + " ([1-9]\\d*\\.\\d MiB|unknown on this system)"));
    }
}
