package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessLogTest {
    @TempDir private Path folder;

    @Test
    void theDeepestCauseIsTheReason() throws IOException {
        assertThat(
                        reason(
                                """
                                12:00:00.000 ERROR TaskManagerRunner - Terminating with exit code 1.
                                org.apache.flink.util.FlinkException: Failed to start it.
                                \tat org.apache.flink.Some.method(Some.java:1)
                                Caused by: java.lang.IllegalArgumentException: key: found 7
                                \tat org.apache.flink.Some.other(Some.java:2)
                                \t... 2 more
                                """))
                .isEqualTo("java.lang.IllegalArgumentException: key: found 7");
    }

    @Test
    void anExceptionOfTheMainThreadIsTheReason() throws IOException {
        assertThat(
                        reason(
                                """
                                WARNING: Using incubator modules: jdk.incubator.vector
                                Exception in thread "main" a.b.SomeException: no config.yaml
                                \tat a.b.C.main(C.java:26)
                                """))
                .isEqualTo("a.b.SomeException: no config.yaml");
    }

    @Test
    void aLackOfHeapIsTheReason() throws IOException {
        assertThat(reason("Terminating due to java.lang.OutOfMemoryError: Java heap space\n"))
                .isEqualTo("java.lang.OutOfMemoryError: Java heap space");
    }

    @Test
    void withoutAnExceptionAnErrorOrTheLastLineIsTheReason() throws IOException {
        assertThat(reason("1 ERROR A - no room\n1 INFO A - bye\n"))
                .isEqualTo("1 ERROR A - no room");
        assertThat(reason("Unrecognized VM option\nError: no JVM.\n")).isEqualTo("Error: no JVM.");
        assertThat(reason("")).isEmpty();
        assertThat(new ProcessLog(folder.resolve("none")).reason()).isEmpty();
    }

    private String reason(String text) throws IOException {
        return new ProcessLog(Files.writeString(folder.resolve("log"), text)).reason();
    }
}
