package org.flinksigmoid.kernels.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.bench.Comparisons.Table;
import org.flinksigmoid.kernels.bench.ContestBenchmark.Side;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The form of the comparisons; how fast anything is, no test asks. */
class JmhComparisonsTest {
    private final Comparisons comparisons = Comparisons.find().orElseThrow();

    @TempDir private Path folder;

    @Test
    void everyRowOfTheCpuTableIsThere() {
        assertThat(comparisons.names(Table.CPU, 2))
                .contains(
                        "MiniLM 1 x 128 tokens, 1 threads / ONNX Runtime",
                        "MiniLM mixed lengths, 2 threads / ONNX Runtime, sorted by length",
                        "sigmoid encoder 12 x 512, n = 2048, 2 threads / ONNX Runtime",
                        "attention d = 128, n = 8192, 1 thread / our unfused form",
                        "product 2048x384x1536, 1 thread / multiply-add peak")
                .hasSize(33)
                .doesNotHaveDuplicates();
    }

    @Test
    void aRowThatIsNotThereIsRefusedWithWhatTheForkSaid() {
        assertThatThrownBy(() -> comparisons.measure(Table.CPU, 1, "coffee", folder))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no row coffee");
    }

    @Test
    void aProductIsMeasuredBesideThePeakAndAllocatesNothing() {
        String name = "product 32x384x384, 1 thread / multiply-add peak";
        Comparison row = comparisons.measure(Table.CPU, 1, name, folder);
        assertThat(row.share()).isBetween(0.001, 1.5);
        assertThat(row.ratio()).isBetween(row.low(), row.high());
        assertThat(row.gflops() * row.milliseconds() * 1e6)
                .isCloseTo(2.0 * 32 * 384 * 384, within(0.1 * 2 * 32 * 384 * 384));
        // What JMH itself allocates, over as many calls as an iteration has: few, if they are slow.
        assertThat(row.bytes()).isLessThan(Math.max(1000, 10_000 * row.milliseconds()));
    }

    @Test
    void whatAJvmLeavesBehindLiesInTheFolderThatItWasGiven() {
        assertThat(JmhComparisons.options(Table.CPU, 1, "coffee", folder).getJvmArgsAppend().get())
                .contains("-Djava.io.tmpdir=" + folder);
    }

    @Test
    void roundsAreComparedByTheirMedianAndAnIntervalAroundIt() {
        Rounds rounds =
                new Rounds(
                        IntStream.rangeClosed(1, 10)
                                .mapToObj(
                                        i ->
                                                Map.of(
                                                        Side.OURS, iteration(1),
                                                        Side.THEIRS, iteration(i),
                                                        Side.LIMIT, iteration(0.5)))
                                .toList());
        Comparison row = rounds.compare("ours", "theirs");
        assertThat(row.ratio()).isEqualTo(5.5);
        assertThat(List.of(row.low(), row.high())).containsExactly(2.0, 9.0);
        assertThat(row.share()).isEqualTo(0.5);
        assertThat(row.theirShare()).isCloseTo(0.5 / 5.5, within(0.01));
        assertThat(row.gflops()).isEqualTo(1e-9);
        assertThat(row.milliseconds()).isEqualTo(2000);
    }

    private static Rounds.Iteration iteration(double secondsPerFlop) {
        return new Rounds.Iteration(2 * secondsPerFlop, secondsPerFlop, 0);
    }

    @Test
    void intervalsOfAMedianKeepOutAsManyRoundsAsTheBinomialAllows() {
        assertThat(IntStream.of(1, 5, 6, 9, 12, 15, 20).map(Rounds::outside))
                .containsExactly(0, 0, 0, 1, 2, 3, 5);
    }

    @Test
    void nothingThatDiffersIsTimed() {
        Agreement.require(new float[] {1, 1000.05f}, new float[] {1.09f, 1000});
        assertThatThrownBy(() -> Agreement.require(new float[] {1, 2}, new float[] {1, 2.001f}))
                .hasMessageContaining("element 1: 2.0 here, 2.001 there");
        assertThatThrownBy(() -> Agreement.require(new float[] {Float.NaN}, new float[] {1}))
                .isInstanceOf(IllegalStateException.class);
    }
}
