package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Runs of several threads, which overlap on the card, and batches that go up in parts. */
@Tag("gpu")
class OverlappingRunsTest {
    private static final int THREADS = 6;
    private static final int ROUNDS = 12;
    private static final int WIDTH = 40;

    /** In fp16 a batch of another size rounds its sums elsewhere; another window is 1 off. */
    private static final Map<Arithmetic, Float> TOLERANCE =
            Map.of(Arithmetic.FLOAT, 1e-3f, Arithmetic.HALF, 5e-2f);

    /** Windows of batches; from 65 full ones on they go in parts. */
    private static final int[] SIZES = {1, 300, 2, 64, 65, 200};

    private final Program program = EncoderPrograms.digits();

    /** A batch, and what comes of its windows alone. */
    private record Work(RaggedBatch batch, List<float[]> windows, float[] expected) {}

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "PORTABLE")
    void everyThreadGetsTheResultsOfItsOwnWindows(Arithmetic arithmetic) {
        Device device = TornadoEngineFactory.device(0);
        try (ProgramExecutable executable = new ProgramExecutable(device, program, arithmetic);
                ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            List<Work> works = new ArrayList<>();
            for (int size : SIZES) {
                works.add(work(executable, size));
                check(executable, works.getLast()); // alone: in parts
            }
            List<CompletableFuture<?>> callers = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int thread = i;
                callers.add(
                        CompletableFuture.runAsync(
                                () -> {
                                    for (int round = 0; round < ROUNDS; round++) {
                                        check(
                                                executable,
                                                works.get((thread + round) % works.size()));
                                    }
                                },
                                threads));
            }
            callers.forEach(CompletableFuture::join);
        }
    }

    private Work work(Executable executable, int size) {
        Random random = new Random(size);
        List<float[]> windows = new ArrayList<>();
        int[] lengths = new int[size];
        List<float[]> results = new ArrayList<>();
        int count = 0;
        for (int i = 0; i < size; i++) {
            lengths[i] = random.nextInt(4) == 0 ? random.nextInt(257) : 256;
            windows.add(Inputs.gaussians(random, lengths[i] * WIDTH, 1));
            float[] alone =
                    executable
                            .run(
                                    RaggedBatch.ofLengths(lengths[i]),
                                    new Input.Features(windows.get(i)))[0];
            results.add(alone);
            count += alone.length;
        }
        float[] expected = new float[count];
        int at = 0;
        for (float[] result : results) {
            System.arraycopy(result, 0, expected, at, result.length);
            at += result.length;
        }
        return new Work(RaggedBatch.ofLengths(lengths), windows, expected);
    }

    private void check(ProgramExecutable executable, Work work) {
        float[] found = executable.run(work.batch(), new Input.FeatureSequences(work.windows()))[0];
        assertThat(found).hasSameSizeAs(work.expected());
        float apart = 0;
        for (int i = 0; i < found.length; i++) {
            apart = Math.max(apart, Math.abs(found[i] - work.expected()[i]));
        }
        assertThat(apart)
                .as("%d windows", work.batch().size())
                .isLessThan(TOLERANCE.get(executable.arithmetic()));
    }
}
