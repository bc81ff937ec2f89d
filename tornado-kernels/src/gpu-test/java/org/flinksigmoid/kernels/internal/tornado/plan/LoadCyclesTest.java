package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Loads a model, runs it at two capacities and unloads it, {@code -Dcycles} times (200): on a card
 * that nobody else uses, or with the driver of {@code src/gpu-test/c}, which counts memory.
 */
@Tag("gpu")
@Tag("codegen")
class LoadCyclesTest {
    private static final int CYCLES = Integer.getInteger("cycles", 200);
    private static final int WARM_UP = 20;

    private final Card card = TornadoEngineFactory.device(0).card();
    private final Program program = EncoderPrograms.text(1, 64, 2, 128, 512);

    @Test
    void loadingRunningAndUnloadingLeavesNoDeviceMemoryBehind() {
        Set<Long> free = new TreeSet<>();
        try (Backend backend = new TornadoProvider().open(new BackendOptions(1, 0))) {
            for (int i = 0; i < WARM_UP + CYCLES; i++) {
                cycle(backend);
                if (i >= WARM_UP) {
                    free.add(card.exclusively(card::freeBytes));
                }
            }
        }
        System.out.printf("%d loads and unloads: bytes free after each %s%n", CYCLES, free);
        assertThat(free).hasSize(1);
    }

    private void cycle(Backend backend) {
        try (Executable executable = backend.prepare(program)) {
            for (RaggedBatch batch :
                    new RaggedBatch[] {RaggedBatch.ofLengths(7), RaggedBatch.ofLengths(300, 200)}) {
                executable.run(batch, Inputs.random(program, batch, 1));
            }
        }
    }
}
