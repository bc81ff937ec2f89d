package org.flinksigmoid.pipelines.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StartupBenchITCase {
    private static final List<String> JAVA =
            List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-modules=jdk.incubator.vector",
                    "-cp",
                    System.getProperty("java.class.path"));

    @TempDir private Path folder;

    @Test
    void timesOfFreshJvmsComeInTheOrderThatThingsHappen() throws Exception {
        TinyCheckpoint.speech().write(folder);
        List<StartupBench.Row> rows = StartupBench.run(JAVA, folder, 1, 1, 6, () -> {});
        assertThat(rows)
                .hasSize(2)
                .allSatisfy(
                        row -> {
                            assertThat(row.loaded()[0]).isPositive();
                            assertThat(row.first()[0]).isGreaterThan(row.loaded()[0]);
                            assertThat(row.steady()[0]).isGreaterThanOrEqualTo(row.first()[0]);
                        });
    }

    @Test
    void aJvmThatFailsIsAFailureThatSaysWhy() {
        assertThatThrownBy(
                        () -> StartupBench.run(JAVA, folder.resolve("nowhere"), 1, 1, 6, () -> {}))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(
                        "bench startup: ",
                        "found exit code 1: ",
                        "expected a checkpoint folder, found no such folder");
    }

    @Test
    void fullSpeedBeginsWhereThreeSlicesInARowAreNearTheEnd() {
        double[] counts = {1, 9, 10, 5, 9.1, 9, 11, 9.9, 10, 10, 10, 10};
        assertThat(StartupProbe.slicesUntilSteady(counts)).isEqualTo(4);
        assertThat(StartupProbe.slicesUntilSteady(new double[] {10, 10, 10})).isZero();
        assertThat(StartupProbe.slicesUntilSteady(new double[] {5, 1, 10, 1, 1, 10})).isEqualTo(6);
    }
}
