package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class HotSwapITCase {
    private static final int SWAPS = 20;
    private static final int TEXTS = 30_000;
    private static final OutputTag<ModelEvent> EVENTS =
            new OutputTag<>("events", TypeInformation.of(ModelEvent.class));
    private static final List<ModelEvent> SEEN = new CopyOnWriteArrayList<>();
    private static final Map<String, String> VERSION_OF_CALL = new ConcurrentHashMap<>();
    private static final List<String> MIXED = new CopyOnWriteArrayList<>();
    private static final AtomicBoolean FAILED = new AtomicBoolean();

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(2)
                            .build());

    @TempDir private Path folder;

    /** Fails the job once, half-way. */
    private static boolean failOnce(ModelEvent event) {
        SEEN.add(event);
        if (event.version().equals("v11") && FAILED.compareAndSet(false, true)) {
            throw new IllegalStateException("injected");
        }
        return true;
    }

    /** The next update, once both subtasks have said what became of the one before. */
    private static ModelUpdate next(int index, List<String> checkpoints)
            throws InterruptedException {
        String before = checkpoints.get(index);
        await(index == 0 ? () -> VERSION_OF_CALL.containsValue("v0") : () -> decided(before));
        return new ModelUpdate("", checkpoints.get(index + 1));
    }

    /** Holds the last thousand texts back until the last update has come. */
    private static TextMessage hold(TextMessage text, String last) throws InterruptedException {
        if (text.timestampMillis() >= TEXTS - 1000) {
            await(() -> decided(last));
        }
        return text;
    }

    /** Waits for a minute at most: then the assertions say what did not come. */
    private static void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < 60_000 && !condition.getAsBoolean(); i++) {
            Thread.sleep(1);
        }
    }

    /** Whether both subtasks have. */
    private static boolean decided(String checkpoint) {
        return SEEN.stream()
                        .filter(event -> event.folder().equals(checkpoint))
                        .map(ModelEvent::subtask)
                        .distinct()
                        .count()
                == 2;
    }

    /** Notes which version answered which call of the model. */
    private static Score note(Score score) {
        String before = VERSION_OF_CALL.putIfAbsent(score.label(), score.modelVersion());
        if (before != null && !before.equals(score.modelVersion())) {
            MIXED.add(score.label());
        }
        return score;
    }

    @Test
    void twentySwapsUnderLoadAndAFailureLoseNothingAndMixNothing() throws Exception {
        List<String> checkpoints = new ArrayList<>();
        for (int i = 0; i <= SWAPS; i++) {
            String version = i % 7 == 3 ? "broken" : "v" + i;
            checkpoints.add(VersionedFunction.write(folder.resolve("m" + i), version).toString());
        }
        InferenceJob job = new InferenceJob("swaps", 50, TEXTS);
        job.recordsPerSecond = 6000;
        VersionedFunction.script(job.name).callNanos.set(2_000_000);
        StreamExecutionEnvironment env = job.environment();
        DataStream<ModelUpdate> updates =
                env.fromSource(
                                new DataGeneratorSource<>(
                                        i -> next(i.intValue(), checkpoints),
                                        SWAPS,
                                        TypeInformation.of(ModelUpdate.class)),
                                WatermarkStrategy.noWatermarks(),
                                "updates")
                        .uid("updates")
                        .setParallelism(1);
        String name = job.name;
        String last = checkpoints.getLast();
        DataStream<TextMessage> texts =
                job.messages(env)
                        .map(text -> hold(text, last))
                        .returns(TextMessage.class)
                        .setParallelism(1);
        var scores =
                MicroBatchInference.of(
                                Models.of(
                                        checkpoints.getFirst(),
                                        at -> new VersionedFunction(name, at)),
                                Score.class)
                        .uid("inference")
                        .maxBatchSize(32)
                        .batchTimeout(Duration.ofMillis(5))
                        .control(updates)
                        .modelEvents(EVENTS)
                        .apply(texts.keyBy(TextMessage::key))
                        .setParallelism(2);
        scores.getSideOutput(EVENTS).filter(HotSwapITCase::failOnce).sinkTo(new DiscardingSink<>());
        job.check(scores.map(HotSwapITCase::note).returns(Score.class).setParallelism(2));
        env.execute();

        job.assertExactlyOnceInOrder();
        assertThat(FAILED).isTrue();
        assertThat(MIXED).isEmpty();
        assertThat(SEEN).filteredOn(event -> !event.accepted()).hasSizeGreaterThanOrEqualTo(6);
        assertThat(SEEN)
                .filteredOn(ModelEvent::accepted)
                .extracting(ModelEvent::version)
                .contains("v1", "v2", "v4", "v5", "v6", "v7", "v8", "v9", "v11", "v12", "v13")
                .contains("v14", "v15", "v16", "v18", "v19", "v20")
                .doesNotContain("v0", "broken");
        // after the failure the job went on with what it had, not with the first model
        assertThat(VERSION_OF_CALL.values()).contains("v0", "v" + SWAPS);
        assertThat(VersionedFunction.script(name).open()).isZero();
    }
}
