package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.flinksigmoid.operators.inference.ScriptedFunction.Script;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class MicroBatchOperatorTest {
    private MicroBatchInference<TextMessage, Score> inference;
    private Script script;

    @BeforeEach
    void newFunction(TestInfo test) {
        String name = test.getTestMethod() + test.getDisplayName();
        script = ScriptedFunction.script(name);
        inference =
                MicroBatchInference.of(new ScriptedFunction(name), Score.class)
                        .maxBatchSize(4)
                        .batchTimeout(Duration.ofMillis(10));
    }

    @Test
    void recordsWaitForAFullBatch() throws Exception {
        try (Harness harness = Harness.keyed(inference).open()) {
            for (int id = 0; id < 3; id++) {
                harness.send("k" + id, id);
            }
            harness.settle();
            assertThat(script.batches).isEmpty();
            harness.send("k3", 3);
            harness.runUntilOutputs(4);
            assertThat(script.batchSizes()).containsExactly(4);
        }
    }

    @Test
    void aBatchTimeoutWithoutAnEndNeverEndsTheWait() throws Exception {
        for (Duration never :
                List.of(Duration.ofMillis(Long.MAX_VALUE), Duration.ofSeconds(Long.MAX_VALUE))) {
            inference.batchTimeout(never).inferenceTimeout(never).spanInterval(never);
            script.batches.clear();
            try (Harness harness = Harness.keyed(inference).open()) {
                harness.flink.setProcessingTime(1_700_000_000_000L);
                harness.send("a", 1);
                harness.settle();
                assertThat(script.batches).isEmpty();
                for (int id = 2; id <= 4; id++) {
                    harness.send("a", id);
                }
                harness.runUntilOutputs(4);
                assertThat(script.batchSizes()).containsExactly(4);
            }
        }
    }

    @Test
    void theBatchTimeoutEndsTheWaitForCompany() throws Exception {
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.flink.setProcessingTime(100);
            harness.send("a", 1);
            harness.flink.setProcessingTime(105);
            harness.send("b", 2);
            harness.flink.setProcessingTime(109);
            harness.settle();
            assertThat(script.batches).isEmpty();
            harness.flink.setProcessingTime(110);
            harness.runUntilOutputs(2);
            assertThat(script.batchSizes()).containsExactly(2);
        }
    }

    @Test
    void whatComesInWhileTheDeviceIsBusySharesABatch() throws Exception {
        script.closedGate();
        inference.batchTimeout(Duration.ZERO).maxInFlight(100);
        try (Harness harness = Harness.keyed(inference).open()) {
            for (int id = 0; id < 8; id++) {
                harness.send("k", id);
            }
            script.gate.release(100);
            harness.runUntilOutputs(8);
            // one runs, one waits behind it, the rest had time to gather
            assertThat(script.batchSizes()).containsExactly(1, 1, 4, 2);
        }
    }

    @Test
    void tokensLimitABatchAndALargeRecordRunsAlone() throws Exception {
        script.closedGate();
        inference.batchTimeout(Duration.ZERO).maxBatchTokens(10).maxInFlight(100);
        try (Harness harness = Harness.keyed(inference).open()) {
            int[] lengths = {1, 1, 4, 6, 1, 30, 5};
            for (int id = 0; id < lengths.length; id++) {
                harness.send(new TextMessage("k", "" + id, "x".repeat(lengths[id]), 0));
            }
            script.gate.release(100);
            harness.runUntilOutputs(7);
            assertThat(script.batchSizes()).containsExactly(1, 1, 2, 1, 1, 1);
        }
    }

    @Test
    void resultsOfAKeyLeaveInOrderWhileKeysDoNotWaitForEachOther() throws Exception {
        AtomicBoolean stuck = new AtomicBoolean();
        script.fault =
                batch -> {
                    if (batch.getFirst().id().equals("0") && stuck.compareAndSet(false, true)) {
                        Thread.sleep(Long.MAX_VALUE);
                    }
                };
        inference.maxBatchSize(1).concurrency(2).batchTimeout(Duration.ZERO).maxInFlight(9);
        inference.inferenceTimeout(Duration.ofMillis(50));
        inference.retry(RetryPolicy.exponential(100, Duration.ofMillis(1)));
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.send("a", 0);
            harness.send("a", 1);
            harness.send("b", 2);
            harness.runUntilOutputs(1);
            assertThat(harness.ids()).containsExactly("2");
            harness.runUntil(
                    () -> {
                        advance(harness, 200);
                        return harness.ids().size() == 3;
                    });
            assertThat(harness.ids()).containsExactly("2", "0", "1");
        }
    }

    private static void advance(Harness harness, long millis) {
        try {
            harness.flink.setProcessingTime(harness.flink.getProcessingTime() + millis);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void watermarksStayBehindTheRecordsBeforeThem() throws Exception {
        script.closedGate();
        inference.maxBatchSize(2);
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.flink.processWatermark(1);
            harness.send("a", 5);
            harness.flink.processWatermark(6);
            harness.flink.processWatermark(7);
            harness.send("b", 10);
            harness.flink.processWatermark(11);
            harness.flink.processWatermarkStatus(WatermarkStatus.IDLE);
            assertThat(harness.output()).containsExactly("wm 1");
            script.gate.release();
            harness.runUntilOutputs(2);
            assertThat(harness.output())
                    .containsExactly("wm 1", "5@5", "wm 7", "10@10", "wm 11", "idle");
        }
    }

    @Test
    void recordsKeepTheirTimestampOrHaveNone() throws Exception {
        inference.maxBatchSize(2);
        try (Harness harness = Harness.unkeyed(inference).open()) {
            harness.send("a", 5);
            harness.send(new TextMessage("a", "6", "", 0));
            harness.runUntilOutputs(2);
            assertThat(harness.output()).containsExactly("5@5", "6");
        }
    }

    @Test
    void endOfInputFlushesWhatWaits() throws Exception {
        try (Harness harness = Harness.keyed(inference).open()) {
            for (int id = 0; id < 6; id++) {
                harness.send("k" + id, id);
            }
            harness.flink.processWatermark(Long.MAX_VALUE);
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(6);
            assertThat(harness.output()).endsWith("wm " + Long.MAX_VALUE);
        }
        assertThat(script.closed).hasValue(1);
    }

    @Test
    void aFullOperatorWaitsForResultsWithoutBlockingTheMailbox() throws Exception {
        inference.maxBatchSize(100).maxInFlight(100).batchTimeout(Duration.ofDays(1));
        try (Harness harness = Harness.keyed(inference.maxBatchTokens(200)).open()) {
            for (int id = 10; id < 3000; id++) {
                harness.send("k" + id % 7, id);
            }
            assertThat(harness.ids().size()).isBetween(2800, 2990);
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(2990);
        }
    }

    /** Says for each record which folder's model answered, and can't say how long it is. */
    private record Uncounted(String folder) implements InferenceFunction<TextMessage, Score> {
        @Override
        public long tokens(TextMessage message) {
            throw new IllegalStateException("can't count");
        }

        @Override
        public List<Score> infer(List<TextMessage> batch) {
            return batch.stream()
                    .map(m -> new Score(m.key(), m.id(), folder, 1, new float[0], 0, 0, ""))
                    .toList();
        }
    }

    @Test
    void recordsWhoseLengthCannotBeToldAreAnsweredByTheirOwnModels() throws Exception {
        Models<TextMessage, Score> models =
                Models.routed(TextMessage::key, key -> "model of " + key, Uncounted::new);
        var routed = MicroBatchInference.of(models, Score.class).maxBatchSize(4);
        try (Harness harness = Harness.keyed(routed).open()) {
            harness.send("a", 1);
            harness.send("b", 2);
            harness.send("a", 3);
            harness.flink.endInput();
            assertThat(harness.flink.extractOutputValues())
                    .hasSize(3)
                    .allSatisfy(
                            score ->
                                    assertThat(score.label()).isEqualTo("model of " + score.key()));
        }
    }

    @Test
    void aRecordThatNamesNoModelIsToBlame() throws Exception {
        Models<TextMessage, Score> models =
                Models.routed(
                        message -> message.key().isEmpty() ? null : message.key(),
                        key -> "model of " + key,
                        Uncounted::new);
        var routed = MicroBatchInference.of(models, Score.class).deadLetters(Harness.BAD);
        try (Harness harness = Harness.keyed(routed).open()) {
            harness.send("", 1);
            harness.send("a", 2);
            harness.flink.endInput();
            assertThat(harness.ids()).containsExactly("2");
            assertThat(harness.deadLetters().getFirst().reason())
                    .isEqualTo(
                            "IllegalArgumentException: route: expected the name of a model, found"
                                    + " null");
        }
    }
}
