package org.flinksigmoid.kernels.internal.tornado.plan;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.bench.GpuEncoderRow;
import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Times whole encoders with random weights: the wall time of a run on an idle card, copies
 * included, and its {@link KernelTimes kernels}; {@code flink-sigmoid bench gpu-encoders} starts it
 * in a JVM of its own. Prints {@link GpuEncoderRow}s, one JSON object a line.
 *
 * <p>Arguments: names of encoders ({@code text}, {@code speech}, {@code digits}); all if there are
 * none.
 */
public final class EncoderBench {
    private static final int REPEATS = Integer.getInteger("repeats", 300);
    private static final long WARM_UP_NANOS = 2_000_000_000;
    private static final ObjectMapper JSON = new ObjectMapper();

    private EncoderBench() {}

    /** Runs the benchmark; see the class. */
    public static void main(String[] arguments) throws JsonProcessingException {
        List<String> names = List.of(arguments);
        if (names.isEmpty() || names.contains("text")) {
            Program text = EncoderPrograms.text(12, 512, 8, 2048, 4096);
            time("text, 12 layers of 512", text, new int[][] {{64, 256}, {16, 1024}});
        }
        if (names.isEmpty() || names.contains("speech")) {
            Program speech = EncoderPrograms.largeSpeech();
            time(
                    "speech, 12 layers of 512",
                    speech,
                    new int[][] {{1, 256}, {32, 256}, {64, 256}, {256, 256}, {512, 256}});
        }
        if (names.isEmpty() || names.contains("digits")) {
            Program digits = EncoderPrograms.digits();
            time("digits", digits, new int[][] {{1, 256}, {32, 256}, {256, 256}});
        }
    }

    private static void time(String name, Program program, int[][] shapes)
            throws JsonProcessingException {
        long before = System.nanoTime();
        try (Backend backend = new TornadoProvider().open(new BackendOptions(1, 0));
                Executable executable = backend.prepare(program)) {
            double prepared = (System.nanoTime() - before) * 1e-9;
            for (int[] shape : shapes) {
                int[] lengths = new int[shape[0]];
                Arrays.fill(lengths, shape[1]);
                RaggedBatch batch = RaggedBatch.ofLengths(lengths);
                Input input = EncoderPrograms.input(program, batch);
                long start = System.nanoTime();
                executable.run(batch, input);
                double first = (System.nanoTime() - start) * 1e-9;
                TornadoEngineFactory.device(0).awaitBackground();
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
                GpuEncoderRow row =
                        new GpuEncoderRow(
                                name,
                                ours.arithmetic().name().toLowerCase(Locale.ROOT),
                                shape[0],
                                shape[1],
                                prepared,
                                first,
                                wall[wall.length / 2],
                                wall[wall.length * 9 / 10],
                                kernels.once(),
                                kernels.inARow(),
                                Map.of());
                System.out.println(JSON.writeValueAsString(row));
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
}
