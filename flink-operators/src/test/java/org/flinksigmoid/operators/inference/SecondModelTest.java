package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.inference.ScriptedFunction.Script;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Several models in one operator: A/B, shadow, routed, replaced. */
class SecondModelTest {
    private static final OutputTag<Score> SECOND =
            new OutputTag<>("second", TypeInformation.of(Score.class));
    private static final OutputTag<ModelEvent> EVENTS =
            new OutputTag<>("events", TypeInformation.of(ModelEvent.class));
    @TempDir private Path folder;
    private String name;
    private Script script;
    private MicroBatchInference<TextMessage, Score> inference;
    private VersionedFunction second;

    @BeforeEach
    void newFunctions(TestInfo test) throws Exception {
        name = test.getTestMethod() + test.getDisplayName();
        script = ScriptedFunction.script(name);
        VersionedFunction.write(folder.resolve("b"), "b");
        second = new VersionedFunction(name, folder.resolve("b").toString());
        inference =
                MicroBatchInference.of(new ScriptedFunction(name), Score.class)
                        .maxBatchSize(8)
                        .maxInFlight(1000)
                        .batchTimeout(Duration.ofMillis(10));
    }

    private static void send(Harness harness, int records) throws Exception {
        for (int id = 0; id < records; id++) {
            harness.send("k" + id % 50, id);
        }
    }

    private static List<Score> second(Harness harness) {
        var results = harness.flink.getSideOutput(SECOND);
        return results == null ? List.of() : results.stream().map(StreamRecord::getValue).toList();
    }

    @Test
    void inAnAbTestEachKeyIsAnsweredByOneModel() throws Exception {
        try (Harness harness = Harness.keyed(inference.abTest(second, 0.3, SECOND)).open()) {
            send(harness, 500);
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(500).doesNotHaveDuplicates();
            Set<String> keys = second(harness).stream().map(Score::key).collect(Collectors.toSet());
            assertThat(keys.size()).isBetween(5, 25);
            assertThat(harness.flink.extractOutputValues())
                    .allMatch(score -> keys.contains(score.key()) == isOfSecond(score))
                    .filteredOn(SecondModelTest::isOfSecond)
                    .hasSameElementsAs(second(harness))
                    .hasSize(10 * keys.size());
        }
        assertThat(script.closed).hasValue(1);
        assertThat(VersionedFunction.script(name).open()).isZero();
    }

    private static boolean isOfSecond(Score score) {
        return score.modelVersion().equals("b");
    }

    @Test
    void aShadowSeesEveryRecordAndChangesNothing() throws Exception {
        try (Harness harness = Harness.keyed(inference.shadow(second, 1, SECOND)).open()) {
            send(harness, 500);
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(500).doesNotHaveDuplicates();
            assertThat(harness.flink.extractOutputValues()).noneMatch(SecondModelTest::isOfSecond);
            assertThat(second(harness))
                    .hasSize(500)
                    .allMatch(SecondModelTest::isOfSecond)
                    .extracting(Score::id)
                    .containsExactlyInAnyOrderElementsOf(harness.ids());
        }
    }

    @Test
    void aFailingShadowChangesNothing() throws Exception {
        VersionedFunction.write(folder.resolve("b"), "useless");
        try (Harness harness = Harness.keyed(inference.shadow(second, 1, SECOND)).open()) {
            send(harness, 100);
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(100);
            assertThat(second(harness)).isEmpty();
        }
    }

    @Test
    void aShadowThatHangsHoldsUpTheEndOfTheInputForHalfAMinuteOnly() throws Exception {
        VersionedFunction.script(name).gate.drainPermits();
        try (Harness harness = Harness.keyed(inference.shadow(second, 1, SECOND)).open()) {
            send(harness, 100);
            harness.runUntil(() -> harness.ids().size() > 90);
            harness.ticking(Duration.ofSeconds(1));
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(100);
            assertThat(second(harness)).isEmpty();
            VersionedFunction.script(name).gate.release(100);
        }
    }

    @Test
    void aShadowThatCannotPlaceARecordChangesNothing() throws Exception {
        String functions = name;
        String root = folder.toString();
        Models<TextMessage, Score> shadow =
                Models.routed(
                        message -> {
                            if (message.id().equals("3")) {
                                throw new IllegalStateException("no model for it");
                            }
                            return "b";
                        },
                        model -> root + "/" + model,
                        at -> new VersionedFunction(functions, at));
        try (Harness harness = Harness.keyed(inference.shadow(shadow, 1, SECOND)).open()) {
            send(harness, 50);
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(50);
            assertThat(second(harness)).hasSize(49);
        }
    }

    @Test
    void aShadowThatFallsBehindIsNotWaitedFor() throws Exception {
        VersionedFunction.Script slow = VersionedFunction.script(name);
        slow.gate.drainPermits();
        inference.maxInFlight(64);
        try (Harness harness = Harness.keyed(inference.shadow(second, 1, SECOND)).open()) {
            send(harness, 500);
            harness.runUntil(() -> harness.ids().size() >= 496);
            slow.gate.release(1000);
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(500);
            assertThat(second(harness).size()).isBetween(64, 80);
        }
    }

    @Test
    void aRecordThatIsNullHasItsPlaceInAnAbTest() {
        SecondModel<TextMessage, Score> all =
                new SecondModel<>(SecondModel.Mode.AB_TEST, second, 1, SECOND);
        assertThat(all.takes(null)).isTrue();
        assertThat(all.takes(994_512_208)).as("a key with the greatest hash").isTrue();
    }

    @Test
    void aShareOfNothingOrMoreThanAllIsRefused() {
        for (double share : new double[] {0, -1, 1.5, Double.NaN}) {
            assertThatThrownBy(() -> inference.abTest(second, share, SECOND))
                    .hasMessageContaining("share");
        }
    }

    private MicroBatchInference<TextMessage, Score> replaceable() throws Exception {
        VersionedFunction.write(folder.resolve("a"), "a");
        String functions = name;
        return MicroBatchInference.of(
                        Models.of(
                                folder.resolve("a").toString(),
                                at -> new VersionedFunction(functions, at)),
                        Score.class)
                .maxBatchSize(4)
                .maxInFlight(1000)
                .modelEvents(EVENTS);
    }

    private static void update(Harness harness, Path to) {
        update(harness, new ModelUpdate("", to.toString()));
    }

    private static void update(Harness harness, ModelUpdate update) {
        ((MicroBatchOperator<?, ?>) harness.flink.getOperator()).update(update);
    }

    private MicroBatchInference<TextMessage, Score> bothReplaceable(SecondModel.Mode mode)
            throws Exception {
        String functions = name;
        MicroBatchInference<TextMessage, Score> first = replaceable().maxBatchSize(8);
        Models<TextMessage, Score> other =
                Models.of(
                        folder.resolve("b").toString(), at -> new VersionedFunction(functions, at));
        return mode == SecondModel.Mode.AB_TEST
                ? first.abTest(other, 0.5, SECOND)
                : first.shadow(other, 1, SECOND);
    }

    @ParameterizedTest
    @EnumSource
    void anUpdateReachesTheSecondModelAndOnlyIt(SecondModel.Mode mode) throws Exception {
        ModelUpdate newSecond =
                ModelUpdate.ofSecond(
                        VersionedFunction.write(folder.resolve("b2"), "b2").toString());
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.keyed(bothReplaceable(mode)).open()) {
            send(harness, 200);
            harness.runUntil(() -> second(harness).size() >= 90);
            update(harness, newSecond);
            harness.runUntil(() -> !events(harness).isEmpty());
            assertThat(last(harness))
                    .returns(true, ModelEvent::accepted)
                    .returns(newSecond.model(), ModelEvent::model)
                    .returns("b2", ModelEvent::version);
            snapshot = harness.flink.snapshot(1, 1);
            assertVersionsOfTheNextAre("b2", harness);
        }
        try (Harness harness = Harness.keyed(bothReplaceable(mode)).restore(snapshot)) {
            assertVersionsOfTheNextAre("b2", harness);
            update(harness, folder.resolve("b"));
            harness.runUntil(() -> !events(harness).isEmpty());
            assertThat(last(harness)).returns("", ModelEvent::model);
            send(harness, 200);
            harness.flink.endInput();
            assertThat(second(harness).getLast().modelVersion()).isEqualTo("b2");
            assertThat(harness.flink.extractOutputValues())
                    .extracting(Score::modelVersion)
                    .contains("b");
        }
        assertThat(VersionedFunction.script(name).open()).isZero();
    }

    private static void assertVersionsOfTheNextAre(String version, Harness harness)
            throws Exception {
        harness.flink.getOutput().clear();
        int before = second(harness).size();
        send(harness, 200);
        harness.runUntil(() -> second(harness).size() >= before + 90 && harness.ids().size() > 190);
        assertThat(second(harness).subList(before, second(harness).size()))
                .extracting(Score::modelVersion)
                .contains(version);
        assertThat(second(harness).getLast().modelVersion()).isEqualTo(version);
        assertThat(harness.flink.extractOutputValues())
                .extracting(Score::modelVersion)
                .contains("a");
    }

    @Test
    void anUpdateOfASecondModelThatCannotBeReplacedIsRefusedAndSaysWhy() throws Exception {
        try (Harness harness = Harness.keyed(replaceable().abTest(second, 0.5, SECOND)).open()) {
            update(harness, ModelUpdate.ofSecond(folder.resolve("b").toString()));
            harness.runUntil(() -> !events(harness).isEmpty());
            assertThat(last(harness))
                    .returns(false, ModelEvent::accepted)
                    .extracting(ModelEvent::reason)
                    .asString()
                    .contains("second");
        }
    }

    private static List<ModelEvent> events(Harness harness) {
        var events = harness.flink.getSideOutput(EVENTS);
        return events == null ? List.of() : events.stream().map(StreamRecord::getValue).toList();
    }

    @Test
    void aReplacedModelIsTheOneAfterARestoreAndSoIsWhatWasAskedFor() throws Exception {
        VersionedFunction.write(folder.resolve("broken"), "broken");
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.keyed(replaceable()).open()) {
            update(harness, folder.resolve("broken"));
            update(harness, folder.resolve("b"));
            harness.runUntil(() -> !events(harness).isEmpty() && last(harness).accepted());
            snapshot = harness.flink.snapshot(1, 1);
        }
        try (Harness harness = Harness.keyed(replaceable()).restore(snapshot)) {
            send(harness, 4);
            harness.runUntilOutputs(4);
            assertThat(harness.flink.extractOutputValues())
                    .extracting(Score::modelVersion)
                    .containsOnly("b");
        }
    }

    /** A bounded job lives on until its last checkpoint, and a model may be there by then. */
    @Test
    void nothingIsSaidOfModelsBehindTheEnd() throws Exception {
        try (Harness harness = Harness.keyed(replaceable()).open()) {
            send(harness, 4);
            harness.flink.endInput();
            harness.flink.getOperator().finish();
            update(harness, folder.resolve("b"));
            harness.runNextMail();
            assertThat(events(harness)).isEmpty();
        }
    }

    private static ModelEvent last(Harness harness) {
        return events(harness).getLast();
    }

    @Test
    void aBatchHoldsRecordsOfOneModelOnly() throws Exception {
        for (int i = 0; i < 5; i++) {
            VersionedFunction.write(folder.resolve("m" + i), "m" + i);
        }
        String functions = name;
        String root = folder.toString();
        var routed =
                MicroBatchInference.of(
                                Models.routed(
                                                (TextMessage m) ->
                                                        "m" + Integer.parseInt(m.id()) % 5,
                                                model -> root + "/" + model,
                                                at -> new VersionedFunction(functions, at))
                                        .maxLoaded(2),
                                Score.class)
                        .maxBatchSize(16)
                        .maxInFlight(400);
        try (Harness harness = Harness.keyed(routed).open()) {
            send(harness, 1000);
            harness.flink.endInput();
            assertThat(harness.flink.extractOutputValues())
                    .hasSize(1000)
                    .allMatch(
                            score ->
                                    score.modelVersion()
                                            .equals("m" + Integer.parseInt(score.id()) % 5));
        }
        assertThat(VersionedFunction.script(name).mostOpen.get()).isLessThanOrEqualTo(2);
    }

    @Test
    void lengthBucketsKeepLikeWithLike() throws Exception {
        inference.lengthBuckets(10, 100).maxBatchSize(16);
        try (Harness harness = Harness.keyed(inference).open()) {
            int[] lengths = {1, 5, 10, 11, 50, 100, 101, 5000};
            for (int id = 0; id < 800; id++) {
                int length = lengths[id % lengths.length];
                harness.send(new TextMessage("k" + id % 7, "" + id, "x".repeat(length), 0));
            }
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(800);
            assertThat(script.batches)
                    .allMatch(
                            batch ->
                                    batch.stream().map(id -> bucket(lengths, id)).distinct().count()
                                            == 1);
            double mean =
                    script.batchSizes().stream().mapToInt(Integer::intValue).average().orElse(0);
            assertThat(mean).isGreaterThan(12);
        }
    }

    private static int bucket(int[] lengths, String id) {
        int length = lengths[Integer.parseInt(id) % lengths.length];
        return length <= 10 ? 0 : length <= 100 ? 1 : 2;
    }

    @Test
    void settingsThatMakeNoSenseNameTheirOption() {
        assertThatThrownBy(() -> inference.lengthBuckets(10, 10).factory())
                .hasMessageContaining("inference.length-buckets");
        inference.lengthBuckets();
        assertThatThrownBy(() -> inference.latencyTarget(Duration.ofMillis(-1)).factory())
                .hasMessageContaining("inference.latency-target");
    }
}
