package org.flinksigmoid.kernels.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With a shell script in the place of the JVM that runs the kernel. */
class GpuBenchTest {
    private static final String ROW =
            "{\"kind\":\"dense\",\"width\":64,\"type\":\"fp16\",\"batch\":2,\"heads\":3,\"n\":256,"
                + "\"flops\":1e9,\"error\":3e-4,\"microseconds\":10.0,\"counters\":{},\"peers\":{},"
                + "\"teraflops\":100.0}";

    @TempDir private Path folder;
    private final List<String> steps = new ArrayList<>();

    private GpuBench.Result run(String script) throws Exception {
        Path file = Files.writeString(folder.resolve("kernel.sh"), script);
        return GpuBench.run(
                GpuShape.table(),
                List.of("sh", file.toString()),
                "no-such-python",
                false,
                folder,
                steps::add);
    }

    @Test
    void aProgramMayBeNamedByItsPath() throws Exception {
        Path python = Files.writeString(folder.resolve("python"), "");
        assertThat(BenchPrograms.isProgram(python.toString())).isFalse();
        assertThat(python.toFile().setExecutable(true)).isTrue();
        assertThat(BenchPrograms.isProgram(python.toString())).isTrue();
        assertThat(BenchPrograms.isProgram("sh")).isTrue();
        assertThat(BenchPrograms.isProgram("no-such-python")).isFalse();
    }

    @Test
    void readsTheRowsAndSaysWhatWasNotMeasured() throws Exception {
        GpuBench.Result result = run("echo '%s' | tee $2\n".formatted(ROW));
        assertThat(result.rows())
                .singleElement()
                .satisfies(row -> assertThat(row.teraflops()).isEqualTo(100));
        assertThat(result.timer()).isEqualTo("events");
        assertThat(result.notes())
                .anyMatch(note -> note.contains("ncu"))
                .anyMatch(note -> note.contains("no-such-python has no PyTorch"));
        assertThat(steps).containsExactly("the attention kernel", ROW);
    }

    @Test
    void aWrongResultEndsItWithTheReason() {
        assertThatThrownBy(() -> run("echo 'dense d=64: wrong result'; exit 3\n"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("the attention kernel: sh ended with status 3")
                .hasMessageContaining("wrong result");
    }
}
