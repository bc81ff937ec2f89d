package org.flinksigmoid.kernels.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * How the time a token takes grows: with the length of one sequence, from 128 to 8192, and with the
 * number of sequences, from 1 to 256. The encoder is the speech model's.
 */
public final class GrowthBench {
    /** What is measured. */
    public static final String NAME = "5 x 144";

    /** Rows of each sequence where the batch grows. */
    public static final int BATCHED_ROWS = 128;

    /** What the README's chart shows. */
    public static final Sizes ALL = new Sizes(8192, 256, 7, 2);

    private static final double MICROSECONDS = 1e-3;

    private GrowthBench() {}

    /**
     * How far to go.
     *
     * @param rows of the longest sequence
     * @param batch sequences of the largest batch
     * @param times calls that a median is taken of
     * @param warmUp seconds of calls before the first that counts
     */
    public record Sizes(int rows, int batch, int times, double warmUp) {
        /** How many points {@link #run} measures. */
        public int points() {
            return doublings(BATCHED_ROWS, rows).length + doublings(1, batch).length;
        }
    }

    /**
     * One measurement.
     *
     * @param batch sequences
     * @param n rows of each
     * @param microseconds time a row of all of them, median
     */
    public record Point(int batch, int n, double microseconds) {}

    /**
     * The measurements, and exponents fitted by least squares of logarithms.
     *
     * @param lengthExponent of n over all lengths, batch 1: 0 where layers dominate, 1 where
     *     attention does
     * @param lastLengthExponent of n over the last doubling
     * @param batchExponent of the batch
     */
    public record Result(
            List<Point> points,
            double lengthExponent,
            double lastLengthExponent,
            double batchExponent) {}

    private static int[] doublings(int first, int last) {
        return IntStream.iterate(first, each -> each <= last, each -> 2 * each).toArray();
    }

    /** Measures; {@link #ALL} takes about half a minute on two threads. */
    public static Result run(int threads, Sizes sizes, Consumer<Point> found) {
        EncoderWork work = new EncoderWork(5, 144, 4);
        List<Point> lengths = new ArrayList<>();
        List<Point> batches = new ArrayList<>();
        try (Backend backend = Backends.select("vector").open(new BackendOptions(threads, 0));
                Executable encoder = backend.prepare(work.program())) {
            time(encoder, work, 1, BATCHED_ROWS, 1, sizes.warmUp());
            for (int n : doublings(BATCHED_ROWS, sizes.rows())) {
                Point point = new Point(1, n, time(encoder, work, 1, n, sizes.times(), 0));
                lengths.add(point);
                found.accept(point);
            }
            for (int batch : doublings(1, sizes.batch())) {
                double time = time(encoder, work, batch, BATCHED_ROWS, sizes.times(), 0);
                Point point = new Point(batch, BATCHED_ROWS, time);
                batches.add(point);
                found.accept(point);
            }
        }
        int octave = lengths.size() - 2;
        double[] n = lengths.stream().mapToDouble(Point::n).toArray();
        double[] overLength = lengths.stream().mapToDouble(Point::microseconds).toArray();
        double[] size = batches.stream().mapToDouble(Point::batch).toArray();
        double[] overBatch = batches.stream().mapToDouble(Point::microseconds).toArray();
        List<Point> all = new ArrayList<>(lengths);
        all.addAll(batches);
        return new Result(
                List.copyOf(all),
                exponent(n, overLength, 0),
                exponent(n, overLength, octave),
                exponent(size, overBatch, 0));
    }

    private static double time(
            Executable encoder, EncoderWork work, int batch, int n, int count, double warmUp) {
        int[] lengths = new int[batch];
        Arrays.fill(lengths, n);
        RaggedBatch rows = RaggedBatch.ofLengths(lengths);
        Input input = work.features(rows.rows());
        long end = System.nanoTime() + (long) (warmUp * 1e9);
        do {
            encoder.run(rows, input);
        } while (System.nanoTime() < end);
        double[] times = new double[count];
        for (int i = 0; i < count; i++) {
            long begin = System.nanoTime();
            encoder.run(rows, input);
            times[i] = System.nanoTime() - begin;
        }
        Arrays.sort(times);
        return times[count / 2] * MICROSECONDS / rows.rows();
    }

    /** The slope of log y over log x, from the {@code from}-th point on. */
    static double exponent(double[] x, double[] y, int from) {
        double meanX = 0;
        double meanY = 0;
        int count = x.length - from;
        for (int i = from; i < x.length; i++) {
            meanX += Math.log(x[i]) / count;
            meanY += Math.log(y[i]) / count;
        }
        double covariance = 0;
        double variance = 0;
        for (int i = from; i < x.length; i++) {
            double distance = Math.log(x[i]) - meanX;
            covariance += distance * (Math.log(y[i]) - meanY);
            variance += distance * distance;
        }
        return covariance / variance;
    }
}
