package org.flinksigmoid.operators.gpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.runtime.testutils.InMemoryReporter;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.assertj.core.data.Offset;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
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

    /** fp16 against float. */
    private static final Offset<Float> ROUNDING = Offset.offset(5e-3f);

    private static final InMemoryReporter REPORTER = InMemoryReporter.createWithRetainedMetrics();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setConfiguration(REPORTER.addToConfiguration(new Configuration()))
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

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

        TextJob.Result result = TextJob.run(MESSAGES, breaker);

        List<Score> scores = result.scores();
        assertThat(scores).hasSize(MESSAGES);
        for (int key = 0; key < TextJob.KEYS; key++) {
            String name = "k" + key;
            assertThat(scores.stream().filter(score -> score.key().equals(name)).map(Score::id))
                    .containsExactlyElementsOf(ids(key));
        }
        assertThat(DyingCard.ANSWERED).as("calls that the card answered").hasPositiveValue();
        // In each subtask the breaker has opened once and, cool-downs later, is open still.
        assertThat(gauges(result, "breakerOpenings")).containsExactly(1L, 1L);
        assertThat(gauges(result, "breakerState"))
                .containsOnly((long) BreakerStatus.State.OPEN.code());
        assertThat(gauges(result, "breakerFallbackCalls")).allMatch(calls -> calls > 0);
        try (TextModel cpu =
                TextModel.load(folder, ModelOptions.defaults().withBackend("vector"))) {
            // The pretended card computes nothing: with it, what came after the failure counts.
            scores.stream()
                    .filter(
                            score ->
                                    !Driver.isFake()
                                            || Integer.parseInt(score.id()) > MESSAGES - 1000)
                    .forEach(score -> assertSameAs(cpu, score));
        }

        assertThatThrownBy(() -> TextJob.run(1, on("tornado")))
                .as("without a breaker nobody else answers, now and in any later job")
                .hasStackTraceContaining("the GPU is lost to this process")
                .hasStackTraceContaining("(700)");
    }

    private static List<String> ids(int key) {
        return LongStream.iterate(key, id -> id < MESSAGES, id -> id + TextJob.KEYS)
                .mapToObj(Long::toString)
                .toList();
    }

    private static void assertSameAs(TextModel cpu, Score score) {
        String text = TextJob.message(Long.parseLong(score.id())).text();
        float[] expected = cpu.infer(List.of(cpu.encode(text))).getFirst();
        for (int i = 0; i < expected.length; i++) {
            assertThat(score.scores()[i]).as(score.id()).isCloseTo(expected[i], ROUNDING);
        }
    }

    private static List<Long> gauges(TextJob.Result job, String name) {
        return REPORTER
                .findMetrics(job.id(), ".*" + TextJob.NAME + ".*inference." + name + "$")
                .values()
                .stream()
                .map(metric -> (Long) ((Gauge<?>) metric).getValue())
                .toList();
    }
}
