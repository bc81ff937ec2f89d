package org.flinksigmoid.pipelines.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;

/**
 * A model's encoder on the vector backend against the plain loops that define what is right, or on
 * a GPU against the vector backend.
 */
public final class EncoderBench {
    private static final int BATCH = 16;

    /** What a GPU is given at once. */
    private static final int LARGE_BATCH = 256;

    private static final int ROUNDS = 7;
    private static final double TOLERANCE = 1e-3;

    private EncoderBench() {}

    /** Runs both backends, taking turns, on the same windows. */
    public static BenchResult run(Path folder, ModelOptions options, Runnable step) {
        try (SpeechModel scalar = SpeechModel.load(folder, options.withBackend("scalar"));
                SpeechModel vector = SpeechModel.load(folder, options.withBackend("vector"))) {
            List<float[]> windows = Windows.random(scalar, BATCH);
            requireEqual(scalar.infer(windows), vector.infer(windows));
            warmUp(vector, windows);
            List<Double> scalarRates = new ArrayList<>();
            List<Double> vectorRates = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                scalarRates.add(rate(scalar, windows, 1));
                vectorRates.add(rate(vector, windows, 20));
                step.run();
            }
            BenchResult.Row plain = BenchResult.Row.of("scalar, 1 thread", scalarRates);
            BenchResult.Row fast =
                    BenchResult.Row.of(
                            "vector, %d threads".formatted(options.threads()), vectorRates);
            return new BenchResult(
                    "encoder",
                    Map.of("vector/scalar", fast.perSecond() / plain.perSecond()),
                    List.of(plain, fast));
        }
    }

    /**
     * Runs the vector backend, on the options' threads, and the GPU, taking turns, on the same
     * large batch. Tells how far their log-probabilities are apart, too: a GPU may compute in half
     * precision.
     */
    public static BenchResult gpu(Path folder, ModelOptions options, Runnable step) {
        try (SpeechModel vector = SpeechModel.load(folder, options.withBackend("vector"));
                SpeechModel gpu = SpeechModel.load(folder, options.withBackend("tornado"))) {
            List<float[]> windows = Windows.random(vector, LARGE_BATCH);
            double apart = largestDifference(vector.infer(windows), gpu.infer(windows));
            warmUp(gpu, windows);
            List<Double> vectorRates = new ArrayList<>();
            List<Double> gpuRates = new ArrayList<>();
            for (int round = 0; round < ROUNDS; round++) {
                vectorRates.add(rate(vector, windows, 1));
                gpuRates.add(rate(gpu, windows, 50));
                step.run();
            }
            BenchResult.Row slow =
                    BenchResult.Row.of(
                            "vector, %d threads".formatted(options.threads()), vectorRates);
            BenchResult.Row fast = BenchResult.Row.of("tornado", gpuRates);
            return new BenchResult(
                    "encoder",
                    Map.of(
                            "tornado/vector",
                            fast.perSecond() / slow.perSecond(),
                            "largest difference",
                            apart),
                    List.of(slow, fast));
        }
    }

    private static double largestDifference(List<float[]> expected, List<float[]> found) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            for (int j = 0; j < expected.get(i).length; j++) {
                largest = Math.max(largest, Math.abs(expected.get(i)[j] - found.get(i)[j]));
            }
        }
        return largest;
    }

    /** Rounds, for a progress bar. */
    public static int rounds() {
        return ROUNDS;
    }

    private static void warmUp(SpeechModel model, List<float[]> windows) {
        for (int i = 0; i < 60; i++) {
            model.infer(windows);
        }
    }

    private static double rate(SpeechModel model, List<float[]> windows, int times) {
        long started = System.nanoTime();
        for (int i = 0; i < times; i++) {
            model.infer(windows);
        }
        return times * windows.size() / ((System.nanoTime() - started) / 1e9);
    }

    private static void requireEqual(List<float[]> expected, List<float[]> found) {
        for (int i = 0; i < expected.size(); i++) {
            for (int j = 0; j < expected.get(i).length; j++) {
                if (!(Math.abs(expected.get(i)[j] - found.get(i)[j]) < TOLERANCE)) {
                    throw new IllegalStateException(
                            "bench encoder: window %d, value %d: expected %f, found %f"
                                    .formatted(i, j, expected.get(i)[j], found.get(i)[j]));
                }
            }
        }
    }
}
