package org.flinksigmoid.kernels.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** With shell scripts in the places of the JVM that runs encoders and of Python. */
@DisabledOnOs(OS.WINDOWS)
class GpuEncoderBenchTest {
    private static final String ROW =
            "{\"encoder\":\"text\",\"arithmetic\":\"half\",\"batch\":64,\"n\":256,\"wall\":2.5,"
                    + "\"kernels\":2.25,\"kernelsInARow\":2.0}";

    @TempDir private Path folder;

    private String script(String name, String text) throws Exception {
        Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text);
        file.toFile().setExecutable(true);
        return file.toString();
    }

    private GpuEncoderBench.Result run(String java, String python) throws Exception {
        return GpuEncoderBench.run(
                List.of("sh", script("java.sh", java)), python, folder, step -> {});
    }

    @Test
    void aPeersTimeGoesToTheSameEncoderAndBatch() throws Exception {
        String times =
                """
                [ "$1" = -c ] && exit 0
                echo '{"peer":"A","encoder":"text","batch":64,"n":256,"ms":5}'
                echo '{"peer":"A","encoder":"text","batch":16,"n":256,"ms":6}'
                echo '{"peer":"B","encoder":"other","batch":64,"n":256,"ms":7}'
                """;
        GpuEncoderBench.Result result = run("echo '" + ROW + "'\n", script("python", times));
        assertThat(result.notes()).isEmpty();
        assertThat(result.rows())
                .singleElement()
                .satisfies(
                        row -> {
                            assertThat(row.peers()).containsOnlyKeys("A");
                            assertThat(row.ratio("A")).isEqualTo(2);
                            assertThat(row.beyondMicroseconds()).isEqualTo(250);
                        });
    }

    @Test
    void withoutPyTorchThereAreNoPeersAndANoteSaysSo() throws Exception {
        GpuEncoderBench.Result result = run("echo '" + ROW + "'\n", "no-such-python");
        assertThat(result.rows()).singleElement().satisfies(r -> assertThat(r.peers()).isEmpty());
        assertThat(result.notes())
                .containsExactly("no-such-python has no PyTorch that sees a GPU: no peers");
    }

    @Test
    void anEncoderThatFailsIsAFailureWithItsLastWords() {
        assertThatThrownBy(() -> run("echo 'out of memory'; exit 2\n", "no-such-python"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("whole encoders: sh ended with status 2", "out of memory");
    }
}
