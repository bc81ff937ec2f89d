package org.flinksigmoid.pipelines.bench;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.bench.EncoderWork;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.slf4j.LoggerFactory;

/**
 * The program of {@link StartupBench}'s JVMs: loads a model, runs it over and over and prints three
 * numbers: milliseconds until it was loaded, until its first result, and until it was within a
 * tenth of its final speed for three tenths of a second, all from the beginning of loading.
 */
final class StartupProbe {
    /** What runs if no checkpoint's folder is given: six layers as wide as all-MiniLM-L6-v2's. */
    static final String ENCODER = "encoder";

    private static final EncoderWork ENCODER_WORK = new EncoderWork(6, 384, 12);
    private static final int ROWS = 32;
    private static final long SLICE_NANOS = 100_000_000L;

    private StartupProbe() {}

    /** Arguments: checkpoint's folder or {@link #ENCODER}, threads, slices of 0.1 s to run for. */
    public static void main(String[] arguments) {
        int threads = Integer.parseInt(arguments[1]);
        double[] counts = new double[Integer.parseInt(arguments[2])];
        Optional<Program> program =
                arguments[0].equals(ENCODER)
                        ? Optional.of(ENCODER_WORK.program())
                        : Optional.empty();
        LoggerFactory.getLogger(StartupProbe.class).info("logging is up");
        long begin = System.nanoTime();
        Runnable call =
                program.map(made -> encoder(made, threads))
                        .orElseGet(() -> windows(Path.of(arguments[0]), threads));
        long loaded = System.nanoTime();
        call.run();
        long first = System.nanoTime();
        long now = first;
        while (now - loaded < counts.length * SLICE_NANOS) {
            call.run();
            long end = System.nanoTime();
            count(
                    counts,
                    (double) (now - loaded) / SLICE_NANOS,
                    (double) (end - loaded) / SLICE_NANOS);
            now = end;
        }
        double steady = (loaded - begin) * 1e-6 + SLICE_NANOS * 1e-6 * slicesUntilSteady(counts);
        System.out.printf(
                Locale.ROOT,
                "%.1f %.1f %.1f%n",
                (loaded - begin) * 1e-6,
                (first - begin) * 1e-6,
                Math.max(steady, (first - begin) * 1e-6));
    }

    /** Spreads one call over the slices that it ran in. */
    private static void count(double[] counts, double from, double to) {
        for (int slice = (int) from; slice < Math.min(counts.length, Math.ceil(to)); slice++) {
            double share = Math.min(to, slice + 1) - Math.max(from, slice);
            counts[slice] += share / (to - from);
        }
    }

    /**
     * The first slice from which on three in a row did nine tenths of what the last third does in
     * the median.
     */
    static int slicesUntilSteady(double[] counts) {
        double[] last = Arrays.copyOfRange(counts, counts.length * 2 / 3, counts.length);
        Arrays.sort(last);
        double enough = 0.9 * last[last.length / 2];
        int run = 0;
        for (int slice = 0; slice < counts.length; slice++) {
            run = counts[slice] >= enough ? run + 1 : 0;
            if (run == 3) {
                return slice - 2;
            }
        }
        return counts.length;
    }

    private static Runnable encoder(Program program, int threads) {
        Backend backend = Backends.select("vector").open(new BackendOptions(threads, 0));
        Executable executable = backend.prepare(program);
        RaggedBatch batch = RaggedBatch.ofLengths(ROWS);
        Input input = ENCODER_WORK.features(ROWS);
        return () -> executable.run(batch, input);
    }

    private static Runnable windows(Path folder, int threads) {
        ModelOptions options = ModelOptions.defaults().withBackend("vector").withThreads(threads);
        SpeechModel model = SpeechModel.load(folder, options);
        int frames = Math.min(model.maxRows(), model.preprocessor().streaming().windowFrames());
        float[] window = new float[frames * model.inputWidth()];
        Random random = new Random(1);
        for (int i = 0; i < window.length; i++) {
            window[i] = (float) random.nextGaussian();
        }
        return () -> model.infer(List.of(window));
    }
}
