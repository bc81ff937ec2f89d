package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Random;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Nothing that lay in the card's memory before a run reaches its results. */
@Tag("gpu")
class StaleMemoryTest {
    private static final int LONGEST = 256;

    /** More than a program of these tests takes. */
    private static final int OTHERS_BYTES = 1 << 30;

    private static final RaggedBatch[] BATCHES = {
        RaggedBatch.ofLengths(256),
        RaggedBatch.ofLengths(201),
        RaggedBatch.ofLengths(3),
        RaggedBatch.ofLengths(256, 0, 17, 255, 100),
        RaggedBatch.ofLengths(1000, 37, 513, 1),
    };

    /**
     * A program of another's memory, full of NaN, gives the results of one whose memory was clean.
     */
    @ParameterizedTest
    @EnumSource
    void whatOthersLeftReachesNoSpeech(Arithmetic arithmetic) {
        Program program = EncoderPrograms.digits();
        float[][] clean = results(program, arithmetic);
        leaveNans();
        assertThat(results(program, arithmetic)).isDeepEqualTo(clean);
    }

    private static float[][] results(Program program, Arithmetic arithmetic) {
        float[][] results = new float[BATCHES.length][];
        Device device = TornadoEngineFactory.device(0);
        try (Executable executable = new ProgramExecutable(device, program, arithmetic)) {
            for (int i = 0; i < BATCHES.length; i++) {
                results[i] = executable.run(BATCHES[i], Inputs.random(program, BATCHES[i], i))[0];
                assertFinite(results[i], BATCHES[i]);
            }
        }
        return results;
    }

    /** Leaves NaN, of float and of half, where the next program's memory will be. */
    private static void leaveNans() {
        Card card = TornadoEngineFactory.device(0).card();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment nans = arena.allocate(OTHERS_BYTES);
            nans.fill((byte) -1);
            card.exclusively(
                    () -> {
                        long address = card.allocate(nans.byteSize());
                        card.write(address, nans);
                        card.free(address);
                        return null;
                    });
        }
    }

    /**
     * A graph's memory keeps what its last run left there. A run of fewer rows gives the same to
     * the bit before and after one that fills the capacity, of features that overflow to NaN at
     * every step.
     */
    @ParameterizedTest
    @EnumSource
    void whatTheLastRunLeftReachesNoSpeech(Arithmetic arithmetic) {
        check(EncoderPrograms.digits(), arithmetic);
    }

    /** The same of token ids. */
    @ParameterizedTest
    @EnumSource
    void whatTheLastRunLeftReachesNoText(Arithmetic arithmetic) {
        check(EncoderPrograms.text(2, 144, 4, 576, 4096), arithmetic);
    }

    private static void check(Program program, Arithmetic arithmetic) {
        Device device = TornadoEngineFactory.device(0);
        try (Executable executable = new ProgramExecutable(device, program, arithmetic)) {
            for (RaggedBatch batch : BATCHES) {
                Input input = Inputs.random(program, batch, batch.rows());
                float[] before = executable.run(batch, input)[0];
                assertFinite(before, batch);
                fill(executable, program, Capacity.of(batch).rows());
                float[] after = executable.run(batch, input)[0];
                assertThat(after).as("%s", batch).isEqualTo(before);
            }
        }
    }

    private static void assertFinite(float[] values, RaggedBatch batch) {
        for (float value : values) {
            assertThat(value).as("%s", batch).isFinite();
        }
    }

    private static void fill(Executable executable, Program program, int rows) {
        int[] lengths = new int[Math.ceilDiv(rows, LONGEST)];
        Arrays.fill(lengths, Math.min(rows, LONGEST));
        RaggedBatch batch = RaggedBatch.ofLengths(lengths);
        assertThat(Capacity.of(batch).rows()).isEqualTo(rows);
        executable.run(batch, overflowing(program, rows));
    }

    private static Input overflowing(Program program, int rows) {
        if (program.tokens()) {
            return new Input.TokenIds(new Random(rows).ints(rows, 0, 256).toArray());
        }
        float[] features = new float[rows * program.slot(program.input()).width()];
        Arrays.fill(features, Float.MAX_VALUE);
        return new Input.Features(features);
    }
}
