package org.flinksigmoid.operators.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models run on the card that Flink's GPU driver gives their TaskManager. */
@Tag("gpu")
@Tag("codegen")
class ExternalGpuITCase {
    private static final int MESSAGES = 2000;

    @TempDir private Path folder;

    /** Notes which card answers. */
    private static final class Located extends WatchedTexts {
        private static final long serialVersionUID = 1L;
        private static final Set<Integer> CARDS = ConcurrentHashMap.newKeySet();

        Located(TextInference<TextMessage, Score> model) {
            super(model);
        }

        @Override
        public List<Score> infer(List<TextMessage> batch) throws Exception {
            List<Score> scores = super.infer(batch);
            CARDS.add(Driver.currentCard());
            return scores;
        }
    }

    @Test
    void modelsRunOnTheCardThatFlinksDriverGives() throws Exception {
        int cards = Driver.cards();
        Path model = folder.resolve("model");
        TinyCheckpoint.text("text-classification").write(model);
        // By itself an index that no card has: the driver's counts.
        ModelOptions tornado = ModelOptions.defaults().withBackend("tornado").withDevice(cards);
        TextInference<TextMessage, Score> texts = TextInference.messages(model.toString(), tornado);

        try (ExternalGpuCluster cluster = ExternalGpuCluster.start(folder)) {
            for (int card = cards - 1; card >= 0; card--) {
                cluster.taskManagerWith(Integer.toString(card));
                Located.CARDS.clear();
                List<Score> scores =
                        TextJob.run(cluster.environment(), MESSAGES, new Located(texts));
                assertThat(Located.CARDS).containsExactly(card);
                assertThat(scores.stream().map(Score::id))
                        .containsExactlyInAnyOrderElementsOf(
                                IntStream.range(0, MESSAGES).mapToObj(Integer::toString).toList());
                if (!Driver.isFake()) { // which computes nothing
                    TextJob.assertAnsweredAsOnTheCpu(model, scores);
                }
            }

            cluster.taskManagerWith(Integer.toString(cards));
            assertThatThrownBy(() -> TextJob.run(cluster.environment(), MESSAGES, texts))
                    .hasStackTraceContaining(
                            "device: expected one of %d, counted from 0, found %d"
                                            .formatted(cards, cards)
                                    + " (Flink's external resource gpu gave device %d)"
                                            .formatted(cards));
        }
    }
}
