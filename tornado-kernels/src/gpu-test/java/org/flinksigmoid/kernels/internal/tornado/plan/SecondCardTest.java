package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.Closeness;
import org.flinksigmoid.kernels.internal.tornado.Inputs;
import org.flinksigmoid.kernels.internal.tornado.TornadoProvider;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Models on two cards of one process; skipped where there is only one. */
@Tag("gpu")
class SecondCardTest {
    private static final RaggedBatch BATCH = RaggedBatch.ofLengths(256, 31, 1, 300, 700);
    private static final int CALLERS = 2;
    private static final int ROUNDS = 20;

    private final Program program = EncoderPrograms.text(2, 512, 8, 2048, 4096);
    private final Input input = Inputs.random(program, BATCH, 7);

    @BeforeEach
    void requireTwoCards() {
        assumeTrue(new TornadoEngineFactory().devices().length > 1, "there is one card only");
    }

    private static Executable on(int card, Program program) {
        return new TornadoProvider().open(new BackendOptions(1, card)).prepare(program);
    }

    private static long freeBytes(int card) {
        Card found = TornadoEngineFactory.device(card).card();
        return found.exclusively(found::freeBytes);
    }

    @Test
    void bothCardsAnswerAtTheSameTime() {
        try (Backend cpu = Backends.select("vector").open(new BackendOptions(2, 0));
                Executable onCpu = cpu.prepare(program);
                Executable first = on(0, program);
                Executable second = on(1, program);
                ExecutorService threads = Executors.newFixedThreadPool(2 * CALLERS)) {
            float[] expected = onCpu.run(BATCH, input)[0];
            List<CompletableFuture<?>> callers = new ArrayList<>();
            for (Executable card : List.of(first, second)) {
                for (int i = 0; i < CALLERS; i++) {
                    callers.add(CompletableFuture.runAsync(() -> check(card, expected), threads));
                }
            }
            callers.forEach(CompletableFuture::join);
        }
    }

    private void check(Executable card, float[] expected) {
        for (int round = 0; round < ROUNDS; round++) {
            Closeness.assertClose("a card", card.run(BATCH, input)[0], expected, 5e-3);
        }
    }

    @Test
    void aModelTakesTheMemoryOfItsOwnCard() {
        try (Executable warmUp = on(1, program)) { // loads the kernels, which stay
            warmUp.run(BATCH, input);
            TornadoEngineFactory.device(1).awaitBackground();
        }
        long first = freeBytes(0);
        long second = freeBytes(1);
        try (Executable executable = on(1, program)) {
            executable.run(BATCH, input);
            assertThat(freeBytes(0)).isEqualTo(first);
            assertThat(second - freeBytes(1)).isGreaterThanOrEqualTo(executable.deviceBytes());
        }
        assertThat(freeBytes(1)).isEqualTo(second);
    }
}
