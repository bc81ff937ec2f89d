package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.flinksigmoid.operators.inference.VersionedFunction.Script;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

class ModelsTest {
    private final List<ModelEvent> events = new CopyOnWriteArrayList<>();
    private String name;
    private Script script;
    private Models<TextMessage, Score> models;
    @TempDir private Path folder;

    @BeforeEach
    void newScript(TestInfo test) {
        name = test.getDisplayName();
        script = VersionedFunction.script(name);
    }

    @AfterEach
    void closeAll() {
        models.close();
        assertThat(script.open()).isZero();
    }

    private Models<TextMessage, Score> one(Path checkpoint) {
        String functions = name;
        return Models.of(checkpoint.toString(), at -> new VersionedFunction(functions, at));
    }

    private Models<TextMessage, Score> byKey() {
        String functions = name;
        String root = folder.toString();
        return Models.routed(
                TextMessage::key,
                key -> root + "/" + key,
                at -> new VersionedFunction(functions, at));
    }

    private void open(Models<TextMessage, Score> opened) throws Exception {
        models = opened;
        models.listen(events::add);
        models.open(new MockStreamingRuntimeContext(1, 0));
    }

    private Path checkpoint(String at, String version) throws IOException {
        return VersionedFunction.write(folder.resolve(at), version);
    }

    /** Version of the model that answers a batch of the key. */
    private String answer(String key) throws Exception {
        return models.infer(List.of(Harness.message(key, 1))).getFirst().modelVersion();
    }

    private static void waitUntil(BooleanSupplier condition) throws Exception {
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("gave up waiting").isLessThan(deadline);
            Thread.sleep(1);
        }
    }

    @Test
    void theNextBatchGoesToTheNewModelAndTheOldOneIsClosed() throws Exception {
        open(one(checkpoint("a", "v1")));
        assertThat(answer("k")).isEqualTo("v1");
        models.request(new ModelUpdate("", checkpoint("b", "v2").toString()));
        waitUntil(() -> !events.isEmpty());
        assertThat(answer("k")).isEqualTo("v2");
        assertThat(events.getFirst())
                .returns(true, ModelEvent::accepted)
                .returns("v2", ModelEvent::version)
                .returns(folder.resolve("b").toString(), ModelEvent::folder);
        waitUntil(() -> script.open() == 1);
        assertThat(models.status().version()).isEqualTo("v2");
        assertThat(models.status().swaps()).isEqualTo(1);
        assertThat(models.inUse()).containsEntry("", folder.resolve("b").toString());
        assertThat(models.requested()).isEmpty();
    }

    @Test
    void anIntervalForEverIsWaitedFor() throws Exception {
        open(one(checkpoint("a", "v1")).watch(ChronoUnit.FOREVER.getDuration()));
        assertThat(answer("k")).isEqualTo("v1");
    }

    @Test
    void aCallKeepsItsModelToTheEnd() throws Exception {
        open(one(checkpoint("a", "v1")));
        script.gate.drainPermits();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Future<String> running = threads.submit(() -> answer("k"));
            waitUntil(() -> script.gate.hasQueuedThreads());
            models.request(new ModelUpdate("", checkpoint("b", "v2").toString()));
            waitUntil(() -> !events.isEmpty());
            assertThat(script.open()).isEqualTo(2);
            script.gate.release(100);
            assertThat(running.get()).isEqualTo("v1");
        }
        assertThat(script.open()).isEqualTo(1);
        assertThat(answer("k")).isEqualTo("v2");
    }

    @Test
    void aBrokenOrUselessCheckpointIsRefusedAndTheOldOneGoesOn() throws Exception {
        open(one(checkpoint("a", "v1")));
        assertThat(answer("k")).isEqualTo("v1");
        models.request(new ModelUpdate("", checkpoint("b", "broken").toString()));
        models.request(new ModelUpdate("other", checkpoint("c", "v2").toString()));
        waitUntil(() -> events.size() == 2);
        models.request(new ModelUpdate("", checkpoint("d", "useless").toString()));
        waitUntil(() -> events.size() == 3);
        assertThat(events).noneMatch(ModelEvent::accepted);
        assertThat(events)
                .extracting(ModelEvent::reason)
                .satisfiesExactly(
                        why -> assertThat(why).contains("the checkpoint is broken"),
                        why -> assertThat(why).contains("one model only"),
                        why -> assertThat(why).isEqualTo("IOException: no answer"));
        assertThat(answer("k")).isEqualTo("v1");
        assertThat(script.open()).isEqualTo(1);
        assertThat(models.status().refusals()).isEqualTo(3);
        assertThat(models.inUse()).isEmpty();
        assertThat(models.requested()).isEmpty();
    }

    @Test
    void theLastOfSeveralRequestsWins() throws Exception {
        open(one(checkpoint("a", "v1")));
        for (int i = 2; i <= 9; i++) {
            models.request(new ModelUpdate("", checkpoint("v" + i, "v" + i).toString()));
        }
        waitUntil(() -> models.requested().isEmpty());
        assertThat(answer("k")).isEqualTo("v9");
    }

    @Test
    void aWatchedFolderGivesItsGreatestVersionThatCanBeLoaded() throws Exception {
        checkpoint("root/v9", "nine");
        checkpoint("root/v10", "ten");
        checkpoint("root/v11", "broken");
        checkpoint("root/.v12", "hidden");
        open(one(folder.resolve("root")).watch(Duration.ofMillis(5)));
        assertThat(answer("k")).isEqualTo("ten");
        assertThat(events).hasSize(1).noneMatch(ModelEvent::accepted);
        checkpoint("root/v12", "twelve");
        waitUntil(() -> events.size() == 2);
        assertThat(answer("k")).isEqualTo("twelve");
        // taking the newest away goes back
        Files.move(folder.resolve("root/v12"), folder.resolve("gone"));
        waitUntil(() -> events.size() == 3);
        assertThat(answer("k")).isEqualTo("ten");
        // a repaired checkpoint gets another chance
        checkpoint("root/v11", "eleven!");
        waitUntil(() -> events.size() == 4);
        assertThat(answer("k")).isEqualTo("eleven!");
    }

    @Test
    void aWatchedCheckpointIsLoadedAgainWhenItsFilesChange() throws Exception {
        open(one(checkpoint("a", "v1")).watch(Duration.ofMillis(5)));
        assertThat(answer("k")).isEqualTo("v1");
        checkpoint("a", "another version");
        waitUntil(() -> !events.isEmpty());
        assertThat(answer("k")).isEqualTo("another version");
    }

    @Test
    void aCheckpointThatFailedItsTrialIsNotTakenUntriedWhenTheModelIsLoadedAgain()
            throws Exception {
        checkpoint("a/v1", "one");
        checkpoint("b/v1", "other");
        open(byKey().maxLoaded(1).watch(Duration.ofMillis(5)));
        assertThat(answer("a")).isEqualTo("one");
        checkpoint("a/v2", "useless");
        waitUntil(() -> !events.isEmpty());
        assertThat(answer("b")).isEqualTo("other"); // in the place of a
        assertThat(answer("a")).isEqualTo("one");

        // nor after a restore
        models.close();
        Models<TextMessage, Score> restored = one(folder.resolve("a")).watch(Duration.ofMillis(5));
        restored.restore(Map.of(), Map.of(), models.failedTrials());
        open(restored);
        assertThat(answer("k")).isEqualTo("one");
        checkpoint("a/v2", "two"); // but it gets another chance when its files change
        waitUntil(() -> events.getLast().accepted());
        assertThat(answer("k")).isEqualTo("two");
    }

    @Test
    void aWatchedFolderWithoutAModelFailsTheStart() throws Exception {
        Files.createDirectories(folder.resolve("root"));
        assertThatThrownBy(() -> open(one(folder.resolve("root")).watch(Duration.ofMillis(5))))
                .hasMessageContaining("expected a checkpoint that can be loaded");
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(ModelFolder.compare("v9", "v10")).isNegative();
        assertThat(ModelFolder.compare("2026-11-24", "2026-9-30")).isPositive();
        assertThat(ModelFolder.compare("v1", "v1.1")).isNegative();
        assertThat(ModelFolder.compare("007", "7")).isNotZero();
        assertThat(ModelFolder.compare("\u0663a", "7")).isNotZero(); // an Arabic digit
        models = one(folder);
    }

    @Test
    void theModelUsedLeastRecentlyMakesRoom() throws Exception {
        for (String key : List.of("a", "b", "c")) {
            checkpoint(key, key);
        }
        open(byKey().maxLoaded(2));
        for (String key : List.of("a", "b", "a", "c", "a", "b")) {
            assertThat(answer(key)).isEqualTo(key);
        }
        // a, b, c in the place of b, b in the place of c
        assertThat(script.opened).hasValue(4);
        assertThat(script.mostOpen).hasValue(2);
        assertThat(models.status().loaded()).isEqualTo(2);
        assertThat(models.status().deviceBytes()).isEqualTo(2 * 7);
    }

    @Test
    void aReplacedModelThatIsStillInUseDoesNotDriveItsSuccessorOut() throws Exception {
        checkpoint("a", "a1");
        open(byKey().maxLoaded(1));
        replaceInUse("a", "a2");
        assertThat(answer("a")).isEqualTo("a2");
        assertThat(script.opened).hasValue(2); // a1 and a2, once each
    }

    @Test
    void aReplacedModelThatIsStillInUseDoesNotDriveAnotherOut() throws Exception {
        checkpoint("a", "a1");
        checkpoint("b", "b");
        open(byKey().maxLoaded(2));
        answer("b");
        replaceInUse("a", "a2");
        assertThat(answer("a")).isEqualTo("a2");
        assertThat(answer("b")).isEqualTo("b");
        assertThat(script.opened).hasValue(3); // b, a1 and a2, once each
    }

    /** Has a model replaced while its first call runs. */
    private void replaceInUse(String key, String version) throws Exception {
        script.gate.drainPermits();
        try (var threads = Executors.newSingleThreadExecutor()) {
            Future<String> running = threads.submit(() -> answer(key));
            waitUntil(() -> script.gate.hasQueuedThreads());
            models.request(new ModelUpdate(key, checkpoint("new", version).toString()));
            waitUntil(() -> !events.isEmpty());
            script.gate.release(100);
            running.get();
        }
    }

    @Test
    void theStateNamesTheNewModelBeforeTheOldOneIsClosed() throws Exception {
        open(one(checkpoint("a", "v1")));
        List<String> inUse = new CopyOnWriteArrayList<>();
        script.closing = () -> inUse.add(models.inUse().getOrDefault("", "the first"));
        String second = checkpoint("b", "v2").toString();
        models.request(new ModelUpdate("", second));
        waitUntil(() -> !events.isEmpty());
        assertThat(inUse).containsExactly(second);
    }

    @Test
    void lookingForNewModelsGoesOnAfterAFolderCouldNotBeNamed() throws Exception {
        String functions = name;
        String root = folder.toString();
        AtomicInteger refusals = new AtomicInteger();
        AtomicBoolean refuses = new AtomicBoolean();
        checkpoint("a", "a1");
        open(
                Models.<TextMessage, Score>routed(
                                TextMessage::key,
                                key -> {
                                    if (refuses.get()) {
                                        refusals.incrementAndGet();
                                        throw new IllegalStateException("the catalog is away");
                                    }
                                    return root + "/" + key;
                                },
                                at -> new VersionedFunction(functions, at))
                        .watch(Duration.ofMillis(5)));
        assertThat(answer("a")).isEqualTo("a1");
        refuses.set(true);
        waitUntil(() -> refusals.get() > 0);
        refuses.set(false);
        checkpoint("a", "another version");
        waitUntil(() -> !events.isEmpty());
        assertThat(answer("a")).isEqualTo("another version");
    }

    @Test
    void loadedModelsStayInsideTheirBytes() throws Exception {
        for (int i = 0; i < 5; i++) {
            checkpoint("k" + i, "x".repeat(100));
        }
        checkpoint("huge", "x".repeat(1000));
        open(byKey().maxBytes(new MemorySize(350)));
        for (int i = 0; i < 20; i++) {
            answer("k" + i % 5);
        }
        assertThat(script.mostOpen).hasValue(3);
        assertThatThrownBy(() -> answer("huge"))
                .hasMessageContaining("at most 350 bytes, found 1000");
    }

    @Test
    void threadsThatNeedTheSameModelLoadItOnce() throws Exception {
        checkpoint("a", "a");
        checkpoint("b", "b");
        open(byKey().maxLoaded(1));
        try (var threads = Executors.newFixedThreadPool(8)) {
            List<Future<String>> answers = new ArrayList<>();
            for (int i = 0; i < 200; i++) {
                String key = i % 20 < 10 ? "a" : "b";
                answers.add(threads.submit(() -> answer(key)));
            }
            for (int i = 0; i < 200; i++) {
                assertThat(answers.get(i).get()).isEqualTo(i % 20 < 10 ? "a" : "b");
            }
        }
        assertThat(script.mostOpen).hasValue(1);
    }

    @Test
    void oneOfSeveralModelsIsReplacedAlone() throws Exception {
        checkpoint("a", "a1");
        checkpoint("b", "b1");
        open(byKey());
        assertThat(answer("a")).isEqualTo("a1");
        assertThat(answer("b")).isEqualTo("b1");
        models.request(new ModelUpdate("a", checkpoint("new", "a2").toString()));
        waitUntil(() -> !events.isEmpty());
        assertThat(answer("a")).isEqualTo("a2");
        assertThat(answer("b")).isEqualTo("b1");
    }

    @Test
    void whatWasAskedForIsLoadedAfterARestore() throws Exception {
        models = one(checkpoint("a", "v1"));
        String second = checkpoint("b", "v2").toString();
        String third = checkpoint("c", "v3").toString();
        models.restore(Map.of("", second), Map.of("", third), Map.of());
        open(models);
        waitUntil(() -> !events.isEmpty());
        assertThat(answer("k")).isEqualTo("v3");
        assertThat(script.opened).hasValue(2); // the second and the third, not the first
    }
}
