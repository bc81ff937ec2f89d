package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * An encoder with narrow weights over a batch, beside the same encoder with floats: what narrow
 * weights cost in accuracy and save in memory.
 *
 * @param encoder the encoder
 * @param sequences of the batch
 * @param rows of each
 * @param format of the narrow weights
 * @param threads CPU threads
 */
public record WeightsWork(
        EncoderWork encoder, int sequences, int rows, WeightFormat format, int threads) {
    /** What the work is compared with. */
    public static final String AGAINST = "float weights";

    private static final List<EncoderWork> ENCODERS =
            List.of(new EncoderWork(6, 384, 12), new EncoderWork(5, 144, 4));

    /** Sequences and rows of each. */
    private static final int[][] BATCHES = {{1, 8}, {1, 32}, {1, 128}, {16, 128}};

    private static final List<WeightFormat> NARROW = List.of(WeightFormat.BF16, WeightFormat.INT8);

    /** What {@code bench weights} measures. */
    public static List<WeightsWork> all(int threads) {
        List<WeightsWork> all = new ArrayList<>();
        for (EncoderWork encoder : ENCODERS) {
            for (WeightFormat format : NARROW) {
                for (int[] batch : BATCHES) {
                    all.add(new WeightsWork(encoder, batch[0], batch[1], format, threads));
                }
            }
        }
        return all;
    }

    /** What runs. */
    public String name() {
        return "encoder %d x %d, batch %d x %d, %s, %d threads"
                .formatted(encoder.layers(), encoder.width(), sequences, rows, format, threads);
    }

    /** The sequences. */
    public RaggedBatch batch() {
        int[] lengths = new int[sequences];
        Arrays.fill(lengths, rows);
        return RaggedBatch.ofLengths(lengths);
    }

    /** A backend for narrow weights, or for floats. */
    public Backend open(WeightFormat weights) {
        return Backends.select("vector").open(new BackendOptions(threads, 0, weights));
    }

    /** Root of the mean square of the results' differences, over that of the results. */
    public double error() {
        float[] expected = run(WeightFormat.FLOAT);
        float[] found = run(format);
        double differences = 0;
        double squares = 0;
        for (int i = 0; i < expected.length; i++) {
            double difference = (double) found[i] - expected[i];
            differences += difference * difference;
            squares += (double) expected[i] * expected[i];
        }
        return Math.sqrt(differences / squares);
    }

    private float[] run(WeightFormat weights) {
        Input input = encoder.features(batch().rows());
        try (Backend backend = open(weights);
                Executable executable = backend.prepare(encoder.program())) {
            return executable.run(batch(), input)[0];
        }
    }

    /** Size of the layers' matrices, 10^6 bytes. */
    public double megabytes() {
        Program program = encoder.program();
        long elements = 0;
        for (Op op : program.ops()) {
            if (op instanceof Op.Linear linear) {
                elements += linear.weight().shape().elements();
            }
        }
        return elements * format.bytes() * 1e-6;
    }
}
