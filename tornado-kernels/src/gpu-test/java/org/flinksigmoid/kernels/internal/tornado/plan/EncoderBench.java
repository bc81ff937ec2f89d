package org.flinksigmoid.kernels.internal.tornado.plan;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.EncoderPrograms;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Times whole encoders with random weights: the wall time of a run on an idle card, copies
 * included, and its {@link KernelTimes kernels}. Writes one JSON object a line.
 *
 * <p>Arguments: the file to write, then names of encoders ({@code text}, {@code speech}, {@code
 * digits}); all if there are none.
 */
final class EncoderBench {
    private static final int REPEATS = Integer.getInteger("repeats", 200);
    private static final long WARM_UP_NANOS = 2_000_000_000;

    private final PrintStream json;

    private EncoderBench(PrintStream json) {
        this.json = json;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> names = List.of(arguments).subList(1, arguments.length);
        try (PrintStream json = new PrintStream(Files.newOutputStream(Path.of(arguments[0])))) {
            EncoderBench bench = new EncoderBench(json);
            if (names.isEmpty() || names.contains("text")) {
                Program text = EncoderPrograms.text(12, 512, 8, 2048, 4096);
                bench.time("12 layers, d=512", text, new int[][] {{64, 256}, {16, 1024}});
            }
            if (names.isEmpty() || names.contains("speech")) {
                Program speech = EncoderPrograms.largeSpeech();
                bench.time(
                        "12 layers, d=512, of speech",
                        speech,
                        new int[][] {{1, 256}, {32, 256}, {64, 256}, {256, 256}, {512, 256}});
            }
            if (names.isEmpty() || names.contains("digits")) {
                Program digits = EncoderPrograms.digits();
                bench.time("digits", digits, new int[][] {{1, 256}, {32, 256}, {256, 256}});
            }
        }
    }

    private void time(String name, Program program, int[][] shapes) {
        long before = System.nanoTime();
        try (Backend backend = new TornadoProvider().open(new BackendOptions(1, 0));
                Executable executable = backend.prepare(program)) {
            double prepared = (System.nanoTime() - before) * 1e-9;
            for (int[] shape : shapes) {
                int[] lengths = new int[shape[0]];
                Arrays.fill(lengths, shape[1]);
                RaggedBatch batch = RaggedBatch.ofLengths(lengths);
                Input input = Inputs.random(program, batch, 7);
                long start = System.nanoTime();
                executable.run(batch, input);
                double first = (System.nanoTime() - start) * 1e-9;
                Background.await(TornadoEngineFactory.device(0));
                warmUp(executable, batch, input);
                double[] wall = new double[REPEATS];
                for (int i = 0; i < REPEATS; i++) {
                    long begin = System.nanoTime();
                    executable.run(batch, input);
                    wall[i] = (System.nanoTime() - begin) * 1e-6;
                }
                Arrays.sort(wall);
                ProgramExecutable ours = (ProgramExecutable) executable;
                KernelTimes kernels = KernelTimes.of(ours, batch, input, REPEATS);
                write(name, ours.arithmetic(), shape, prepared, first, wall, kernels);
            }
        }
    }

    /** Until the JVM has compiled what queues a run: 300 runs took 40 to 60 us more without it. */
    private static void warmUp(Executable executable, RaggedBatch batch, Input input) {
        long end = System.nanoTime() + WARM_UP_NANOS;
        while (System.nanoTime() < end) {
            executable.run(batch, input);
        }
    }

    private void write(
            String name,
            Arithmetic arithmetic,
            int[] shape,
            double prepared,
            double first,
            double[] wall,
            KernelTimes kernels) {
        String line =
                String.format(
                        Locale.ROOT,
                        "{\"encoder\": \"%s\", \"arithmetic\": \"%s\", \"batch\": %d, \"n\": %d,"
                                + " \"prepare_s\": %.2f, \"first_s\": %.2f, \"wall_ms\": %.3f,"
                                + " \"wall_p90_ms\": %.3f, \"kernels_ms\": %.3f,"
                                + " \"beyond_us\": %.0f, \"kernels_in_a_row_ms\": %.3f}",
                        name,
                        arithmetic,
                        shape[0],
                        shape[1],
                        prepared,
                        first,
                        wall[wall.length / 2],
                        wall[wall.length * 9 / 10],
                        kernels.once(),
                        1e3 * (wall[wall.length / 2] - kernels.once()),
                        kernels.inARow());
        json.println(line);
        System.out.println(line);
    }
}
