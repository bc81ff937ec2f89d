package org.flinksigmoid.operators.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The metric {@code modelDeviceBytes} is what the card has lost, on a card that nobody else uses.
 */
@Tag("gpu")
@Tag("codegen")
class DeviceMemoryITCase {
    private static final int MESSAGES = 500;
    private static final ModelOptions TORNADO = ModelOptions.defaults().withBackend("tornado");

    /** What a real driver takes from a card at once. */
    private static final long PIECE = 2L << 20;

    /** Pieces that parameters and buffers fill in part, and what the driver keeps of its graphs. */
    private static final long PIECES = 4;

    private static final Metered METERED = new Metered();

    @RegisterExtension static final MiniClusterExtension CLUSTER = METERED.cluster();

    @TempDir private Path folder;

    /**
     * What was seen between two calls.
     *
     * @param free bytes free on the card
     * @param metrics {@code modelDeviceBytes} of each subtask
     */
    private record Seen(long free, List<Long> metrics) {}

    /** A text model that looks at the card after each call. */
    private static final class Measured extends WatchedTexts {
        private static final long serialVersionUID = 1L;
        private static final List<Seen> SEEN = new CopyOnWriteArrayList<>();

        Measured(TextInference<TextMessage, Score> model) {
            super(model);
        }

        @Override
        public List<Score> infer(List<TextMessage> batch) throws Exception {
            synchronized (SEEN) { // the subtasks share the model
                List<Score> scores = super.infer(batch);
                SEEN.add(new Seen(Driver.freeBytes(), METERED.gauges("modelDeviceBytes")));
                return scores;
            }
        }
    }

    private Path model(String name) {
        TinyCheckpoint model = TinyCheckpoint.text("text-classification");
        model.config.put("hidden_size", 512);
        model.config.put("intermediate_size", 2048);
        model.config.put("num_attention_heads", 8);
        model.config.put("num_hidden_layers", 6);
        Path path = folder.resolve(name);
        model.write(path);
        return path;
    }

    @Test
    void anOperatorsModelDeviceBytesAreWhatTheCardHasLost() throws Exception {
        Path second = model("second");
        try (TextModel first = TextModel.load(model("first"), TORNADO)) {
            // What all models of a process share is on the card after this.
            List<int[]> texts =
                    Collections.nCopies(
                            TextJob.BATCH, first.encode(TextJob.message(MESSAGES).text()));
            first.infer(texts);
            long before = freeWhenNothingMoves();

            TextJob.run(MESSAGES, new Measured(TextInference.messages(second.toString(), TORNADO)));

            Seen last = Measured.SEEN.getLast();
            long lost = before - last.free();
            System.out.printf(
                    "modelDeviceBytes %s, lost by the card %d bytes, in %d calls%n",
                    last.metrics(), lost, Measured.SEEN.size());
            assertThat(last.metrics()).hasSize(2).allMatch(last.metrics().getFirst()::equals);
            long held = last.metrics().getFirst();
            assertThat(held).isGreaterThan(30L << 20);
            assertThat(lost).isCloseTo(held, within(Driver.isFake() ? 0 : PIECES * PIECE));

            first.infer(texts);
            assertThat(Driver.freeBytes())
                    .as("free after the job")
                    .isCloseTo(before, within(Driver.isFake() ? 0 : PIECES * PIECE));
        }
    }

    /** Kernels that are compiled ahead take a real card's memory, too, as they come. */
    private static long freeWhenNothingMoves() throws InterruptedException {
        long free = Driver.freeBytes();
        long since = System.nanoTime();
        while (System.nanoTime() - since < Duration.ofSeconds(2).toNanos()) {
            Thread.sleep(50);
            if (Driver.freeBytes() != free) {
                free = Driver.freeBytes();
                since = System.nanoTime();
            }
        }
        return free;
    }
}
