package org.flinksigmoid.operators.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.CircuitBreaker;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.metrics.BreakerStatus;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A kernel writes where nothing is while a job runs, after which no CUDA call of this process
 * succeeds. In a JVM of its own, since the card is lost to it.
 */
@Tag("gpu")
@Tag("codegen")
class DeviceLossITCase {
    private static final int MESSAGES = 20_000;
    private static final String FATAL = "10007";

    private static final Metered METERED = new Metered();

    @RegisterExtension static final MiniClusterExtension CLUSTER = METERED.cluster();

    @TempDir private Path folder;

    @AfterEach
    void launchesWorkAgain() throws IOException {
        if (Driver.isFake()) {
            Files.deleteIfExists(Path.of(System.getenv("FAKE_CUDA_FAULT")));
        }
    }

    private TextInference<TextMessage, Score> on(String backend) {
        return TextInference.messages(
                folder.toString(), ModelOptions.defaults().withBackend(backend).withThreads(1));
    }

    @Test
    void theCpuAnswersFromTheBatchOnInWhichTheCardDiesAndNothingElseDoesSo() throws Exception {
        TinyCheckpoint.text("text-classification").write(folder);
        var breaker =
                CircuitBreaker.between(new DyingCard(on("tornado"), FATAL), on("vector"))
                        .coolDown(Duration.ofMillis(100));

        List<Score> scores = TextJob.run(MESSAGES, breaker);

        assertThat(scores).hasSize(MESSAGES);
        for (int key = 0; key < TextJob.KEYS; key++) {
            String name = "k" + key;
            assertThat(scores.stream().filter(score -> score.key().equals(name)).map(Score::id))
                    .containsExactlyElementsOf(ids(key));
        }
        assertThat(DyingCard.ANSWERED).as("calls that the card answered").hasPositiveValue();
        // In each subtask the breaker has opened once and, cool-downs later, is open still.
        assertThat(METERED.gauges("breakerOpenings")).containsExactly(1L, 1L);
        assertThat(METERED.gauges("breakerState"))
                .containsOnly((long) BreakerStatus.State.OPEN.code());
        assertThat(METERED.gauges("breakerFallbackCalls")).allMatch(calls -> calls > 0);
        // The pretended card computes nothing: with it, what came after the failure counts.
        TextJob.assertAnsweredAsOnTheCpu(
                folder,
                scores.stream()
                        .filter(score -> !Driver.isFake() || id(score) > MESSAGES - 1000)
                        .toList());

        assertThatThrownBy(() -> TextJob.run(1, on("tornado")))
                .as("without a breaker nobody else answers, now and in any later job")
                .hasStackTraceContaining("the GPU is lost to this process")
                .hasStackTraceContaining("(700)");
    }

    private static int id(Score score) {
        return Integer.parseInt(score.id());
    }

    private static List<String> ids(int key) {
        return LongStream.iterate(key, id -> id < MESSAGES, id -> id + TextJob.KEYS)
                .mapToObj(Long::toString)
                .toList();
    }
}
