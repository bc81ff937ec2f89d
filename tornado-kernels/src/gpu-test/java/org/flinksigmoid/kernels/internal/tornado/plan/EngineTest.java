package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * How the engine keeps its memory and meets failures, with the driver of {@code src/gpu-test/c} in
 * the real one's place: it counts memory, and its launches fail on demand.
 */
@Tag("codegen")
class EngineTest {
    private static final int FRAMES = 256;
    private static final int CLASSES = 11;
    private static final int INVALID_VALUE = 1;
    private static final int OUT_OF_MEMORY = 2;
    private static final int ILLEGAL_ADDRESS = 700;

    private final Device device = TornadoEngineFactory.device(0);
    private final Card card = device.card();
    private final Program program = EncoderPrograms.digits();

    @AfterEach
    void launchesWorkAgain() throws IOException {
        Files.deleteIfExists(fault());
    }

    private static Path fault() {
        return Path.of(System.getenv("FAKE_CUDA_FAULT"));
    }

    private long free() {
        return card.exclusively(card::freeBytes);
    }

    private static RaggedBatch windows(int count) {
        int[] lengths = new int[count];
        Arrays.fill(lengths, FRAMES);
        return RaggedBatch.ofLengths(lengths);
    }

    private float[] run(Executable executable, int windows) {
        RaggedBatch batch = windows(windows);
        return executable.run(batch, Inputs.random(program, batch, 1))[0];
    }

    @Test
    void everyKernelIsCompiledAheadOfTheFirstBatch() throws IOException {
        for (Arithmetic arithmetic : Arithmetic.values()) {
            try (Executable executable = new ProgramExecutable(device, program, arithmetic)) {
                device.awaitBackground();
                int compiled = compiled();
                assertThat(compiled).isPositive();
                for (int length : new int[] {1, 64, 500, 2000, 4096}) {
                    RaggedBatch batch = RaggedBatch.ofLengths(length, length / 2);
                    executable.run(batch, Inputs.random(program, batch, 1));
                }
                run(executable, 64);
                assertThat(compiled()).as("kernels").isEqualTo(compiled);
            }
        }
    }

    @Test
    void capacitiesShareParameters() {
        try (Executable executable = new ProgramExecutable(device, program, Arithmetic.HALF)) {
            run(executable, 1);
            long before = free();
            run(executable, 64);
            long activations = before - free();
            long parameters = 1_300_000L * Short.BYTES;
            run(executable, 32);
            assertThat(before - activations - free()).isLessThan(activations / 2 + parameters);
        }
    }

    @Test
    void itsDeviceBytesAreWhatItTookOfTheCardsMemory() {
        try (Executable other = new ProgramExecutable(device, program, Arithmetic.HALF)) {
            run(other, 1); // what all programs share is there then
            long before = free();
            Executable executable = new ProgramExecutable(device, program, Arithmetic.HALF);
            assertThat(executable.deviceBytes()).isEqualTo(before - free()).isPositive();
            run(executable, 64);
            assertThat(executable.deviceBytes()).isEqualTo(before - free());
            executable.close();
            assertThat(executable.deviceBytes()).isZero();
        }
    }

    private static int compiled() throws IOException {
        try (Stream<Path> files = Files.list(Path.of(System.getenv("FAKE_CUDA_DUMP")))) {
            return (int) files.count();
        }
    }

    @Test
    void aBatchThatDoesNotFitRunsInParts() {
        try (Executable executable = new ProgramExecutable(device, program, Arithmetic.HALF)) {
            run(executable, 1);
            long taken = takeAllBut(512L << 20);
            try {
                assertThat(run(executable, 512)).hasSize(512 * FRAMES / 4 * CLASSES);
            } finally {
                giveBack(taken);
            }
        }
    }

    @Test
    void aModelThatDoesNotFitIsRefusedWithWhatItNeeds() {
        long taken = takeAllBut(64L << 20);
        try {
            assertThatThrownBy(() -> new ProgramExecutable(device, program, Arithmetic.HALF))
                    .isInstanceOf(DeviceFailureException.class)
                    .hasMessageMatching(".*no room.*expected \\d+ MiB free, found \\d+");
        } finally {
            giveBack(taken);
        }
    }

    private long takeAllBut(long bytes) {
        return card.exclusively(() -> card.allocate(card.freeBytes() - bytes));
    }

    private void giveBack(long address) {
        card.exclusively(
                () -> {
                    card.free(address);
                    return null;
                });
    }

    @Test
    void aFailedLaunchIsOneClearErrorAndTheNextRunWorks() throws IOException {
        try (Executable executable = new ProgramExecutable(device, program, Arithmetic.HALF)) {
            run(executable, 1);
            Files.writeString(fault(), Integer.toString(INVALID_VALUE));
            assertThatThrownBy(() -> run(executable, 1))
                    .isInstanceOfSatisfying(
                            DeviceFailureException.class,
                            failure -> assertThat(failure.lost()).isFalse())
                    .hasMessageContaining("the GPU failed: launch");
            Files.delete(fault());
            assertThat(run(executable, 1)).hasSize(FRAMES / 4 * CLASSES);
        }
    }

    @Test
    void aModelThatCannotBeSentLeavesNothingBehind() throws IOException {
        long before = free();
        Files.writeString(fault(), OUT_OF_MEMORY + " cuMemHostAlloc");
        assertThatThrownBy(() -> new ProgramExecutable(device, program, Arithmetic.HALF))
                .isInstanceOf(DeviceFailureException.class);
        assertThat(free()).isEqualTo(before);
    }

    @Test
    void aGraphThatCannotBeCapturedLeavesNothingBehind() throws IOException {
        try (Executable executable = new ProgramExecutable(device, program, Arithmetic.HALF)) {
            run(executable, 1);
            long before = free();
            Files.writeString(fault(), INVALID_VALUE + " cuStreamEndCapture");
            assertThatThrownBy(() -> run(executable, 64))
                    .isInstanceOf(DeviceFailureException.class);
            assertThat(free()).isEqualTo(before);
            Files.delete(fault());
            assertThat(run(executable, 64)).hasSize(64 * FRAMES / 4 * CLASSES);
        }
    }

    @Test
    void anAttentionThatCannotBeCapturedLeavesNothingBehind() throws IOException {
        var spec = new SoftmaxAttention(2, 32, 0.2f, Mask.NONE, false);
        RaggedBatch batch = RaggedBatch.ofLengths(5);
        float[] rows = new float[batch.rows() * spec.width()];
        try (AttentionKernel attention = new DeviceAttention(spec, device)) {
            long before = free();
            Files.writeString(fault(), INVALID_VALUE + " cuStreamEndCapture");
            assertThatThrownBy(() -> attention.run(batch, batch, rows, rows, rows, rows.clone()))
                    .isInstanceOf(DeviceFailureException.class);
            assertThat(free()).isEqualTo(before);
        }
    }

    @Test
    void afterAFaultOfTheDeviceEveryCallSaysSoAtOnce() {
        Card broken = new Card("broken", 0);
        DeviceFailureException fault =
                new DeviceFailureException("launch: status " + ILLEGAL_ADDRESS, true);
        assertThatThrownBy(
                        () ->
                                broken.exclusively(
                                        () -> {
                                            throw fault;
                                        }))
                .isSameAs(fault);
        assertThat(broken.lost()).isTrue();
        assertThatThrownBy(() -> broken.exclusively(() -> 1))
                .isInstanceOf(DeviceFailureException.class)
                .hasMessageContaining("lost to this process")
                .hasMessageContaining(fault.getMessage());
    }
}
