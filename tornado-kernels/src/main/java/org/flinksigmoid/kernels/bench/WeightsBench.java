package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.PeakRate;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * What {@code flink-sigmoid bench weights} runs: encoders with narrow weights beside the same
 * encoders with floats, as interleaved pairs, with what it costs in accuracy and saves in memory.
 */
public final class WeightsBench {
    private static final List<EncoderWork> ENCODERS =
            List.of(new EncoderWork(6, 384, 12), new EncoderWork(5, 144, 4));

    /** Sequences and rows of each. */
    private static final int[][] BATCHES = {{1, 8}, {1, 32}, {1, 128}, {16, 128}};

    private static final List<WeightFormat> NARROW = List.of(WeightFormat.BF16, WeightFormat.INT8);
    private static final int PAIRS = 15;
    private static final double SECONDS = 0.1;
    private static final double WARM_UP = 1;

    private WeightsBench() {}

    /**
     * One measurement.
     *
     * @param comparison speed over that of float weights
     * @param error root of the mean square of the results' differences, over that of the results
     * @param megabytes of the layers' matrices, 10^6 bytes
     */
    public record Row(Comparison comparison, double error, double megabytes) {}

    /** How many rows {@link #run} gives. */
    public static int comparisons() {
        return ENCODERS.size() * NARROW.size() * BATCHES.length;
    }

    /** Measures, in about a minute and a half. */
    public static List<Row> run(int threads, Consumer<Row> found) {
        List<Row> rows = new ArrayList<>();
        for (EncoderWork work : ENCODERS) {
            try (Backend backend = open(threads, WeightFormat.FLOAT);
                    Executable floats = backend.prepare(work.program())) {
                for (WeightFormat format : NARROW) {
                    try (Backend other = open(threads, format);
                            Executable narrow = other.prepare(work.program())) {
                        for (int[] batch : BATCHES) {
                            Row row =
                                    compare(
                                            work,
                                            format,
                                            batch,
                                            floats,
                                            narrow,
                                            CpuBench.peak(other),
                                            threads);
                            rows.add(row);
                            found.accept(row);
                        }
                    }
                }
            }
        }
        return List.copyOf(rows);
    }

    private static Backend open(int threads, WeightFormat format) {
        return Backends.select("vector").open(new BackendOptions(threads, 0, format));
    }

    private static Row compare(
            EncoderWork work,
            WeightFormat format,
            int[] shape,
            Executable floats,
            Executable narrow,
            PeakRate limit,
            int threads) {
        int[] lengths = new int[shape[0]];
        Arrays.fill(lengths, shape[1]);
        RaggedBatch batch = RaggedBatch.ofLengths(lengths);
        Input input = work.features(batch.rows());
        double error = error(narrow.run(batch, input)[0], floats.run(batch, input)[0]);
        Duel duel =
                Duel.run(
                        () -> narrow.run(batch, input),
                        () -> floats.run(batch, input),
                        limit::runAtPeak,
                        PAIRS,
                        SECONDS,
                        WARM_UP);
        String name =
                "encoder %d x %d, batch %d x %d, %s, %d threads"
                        .formatted(
                                work.layers(), work.width(), shape[0], shape[1], format, threads);
        double operations = shape[0] * work.operations(shape[1]);
        return new Row(
                Comparison.of(name, "float weights", operations, limit.operationsAtPeak(), duel),
                error,
                matrixElements(work.program()) * format.bytes() * 1e-6);
    }

    private static double error(float[] found, float[] expected) {
        double differences = 0;
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = (double) found[i] - expected[i];
            differences += difference * difference;
            squares += (double) expected[i] * expected[i];
        }
        return Math.sqrt(differences / squares);
    }

    private static long matrixElements(Program program) {
        long elements = 0;
        for (Op op : program.ops()) {
            if (op instanceof Op.Linear linear) {
                elements += linear.weight().shape().elements();
            }
        }
        return elements;
    }
}
