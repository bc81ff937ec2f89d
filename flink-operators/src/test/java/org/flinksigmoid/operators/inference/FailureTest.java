package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.operators.inference.ScriptedFunction.Script;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;

class FailureTest {
    private MicroBatchInference<TextMessage, Score> inference;
    private Script script;

    @BeforeEach
    void newFunction(TestInfo test) {
        String name = test.getTestMethod() + test.getDisplayName();
        script = ScriptedFunction.script(name);
        inference =
                MicroBatchInference.of(new ScriptedFunction(name), Score.class)
                        .maxBatchSize(64)
                        .batchTimeout(Duration.ofMillis(10))
                        .retry(RetryPolicy.exponential(3, Duration.ofMillis(100)));
    }

    private static void send(Harness harness, int records) throws Exception {
        for (int id = 0; id < records; id++) {
            harness.send("k" + id % 5, id);
        }
    }

    private static void tick(Harness harness) {
        try {
            harness.flink.setProcessingTime(harness.flink.getProcessingTime() + 50);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean contains(List<TextMessage> batch, int id) {
        return batch.stream().anyMatch(message -> message.id().equals("" + id));
    }

    private void poison(int id) {
        script.fault =
                batch -> {
                    if (contains(batch, id)) {
                        throw new IllegalStateException("poison");
                    }
                };
    }

    @Test
    void aFunctionThatThrowsOnceIsAskedAgainAfterAPause() throws Exception {
        script.fault =
                batch -> {
                    if (script.batches.size() == 1) {
                        throw new IOException("hiccup");
                    }
                };
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 64);
            harness.runNextMail(); // the failure
            assertThat(script.batchSizes()).containsExactly(64);
            harness.flink.setProcessingTime(99);
            harness.settle();
            assertThat(script.batchSizes()).containsExactly(64);
            harness.flink.setProcessingTime(100);
            harness.runUntilOutputs(64);
            assertThat(script.batchSizes()).containsExactly(64, 64);
        }
    }

    /** Several operators may be in one chain, whose name says nothing of which it was. */
    @Test
    void aFailureNamesTheOperatorAsItsUserDid() throws Exception {
        poison(0);
        inference.retry(RetryPolicy.never());
        try (Harness harness = Harness.keyed(inference)) {
            harness.flink.getStreamConfig().setOperatorName("spam");
            harness.flink.getStreamConfig().serializeAllConfigs();
            harness.open();
            send(harness, 64);
            assertThatThrownBy(() -> harness.runUntilOutputs(64))
                    .hasMessage(
                            "spam (1/1)#0: a batch of 64 failed after 1 call(s):"
                                    + " IllegalStateException: poison");
        }
    }

    @Test
    void aPoisonedRecordAmong64CostsNoOtherRecord() throws Exception {
        poison(37);
        try (Harness harness = Harness.keyed(inference.deadLetters(Harness.BAD)).open()) {
            send(harness, 64);
            harness.runUntil(
                    () -> {
                        tick(harness);
                        return harness.deadLetters().size() + harness.ids().size() == 64;
                    });
            assertThat(harness.ids()).hasSize(63).doesNotContain("37").doesNotHaveDuplicates();
            DeadLetter<TextMessage> letter = harness.deadLetters().getFirst();
            assertThat(letter.original()).isEqualTo(Harness.message("k2", 37));
            assertThat(letter.reason()).isEqualTo("IllegalStateException: poison");
            // 3 calls of the batch, 5 of parts that had it, 3 alone
            assertThat(letter.attempts()).isEqualTo(11);
            assertThat(script.batches).hasSizeLessThan(3 + 2 * 6 + 3);
            for (int key = 0; key < 5; key++) {
                String name = "k" + key;
                assertThat(harness.flink.extractOutputValues())
                        .filteredOn(score -> score.key().equals(name))
                        .extracting(score -> Integer.parseInt(score.id()))
                        .isSorted();
            }
        }
    }

    @Test
    void aReasonSaysNothingTwice() throws Exception {
        script.fault =
                batch -> {
                    IOException noticed = new IOException("half a sample", new IOException());
                    throw new InvalidRecordException(0, "half a sample", noticed);
                };
        try (Harness harness = Harness.keyed(inference.deadLetters(Harness.BAD)).open()) {
            send(harness, 1);
            harness.flink.endInput();
            assertThat(harness.deadLetters().getFirst().reason())
                    .isEqualTo("InvalidRecordException: half a sample; caused by IOException");
        }
    }

    @Test
    void aRecordThatTheFunctionBlamesCostsNoSearch() throws Exception {
        script.fault =
                batch -> {
                    for (int i = 0; i < batch.size(); i++) {
                        if (List.of("3", "60").contains(batch.get(i).id())) {
                            throw new InvalidRecordException(i, "too\nlong");
                        }
                    }
                };
        try (Harness harness = Harness.keyed(inference.deadLetters(Harness.BAD)).open()) {
            send(harness, 64);
            harness.runUntilOutputs(62);
            assertThat(script.batchSizes()).containsExactly(64, 63, 62);
            assertThat(harness.deadLetters())
                    .extracting(letter -> letter.original().id(), DeadLetter::reason)
                    .containsExactlyInAnyOrder(
                            org.assertj.core.groups.Tuple.tuple(
                                    "3", "InvalidRecordException: too long"),
                            org.assertj.core.groups.Tuple.tuple(
                                    "60", "InvalidRecordException: too long"));
        }
    }

    @Test
    void aSkippedRecordLeavesNoTraceButTheCount() throws Exception {
        poison(2);
        inference.onFailure(FailurePolicy.SKIP).retry(RetryPolicy.never()).maxBatchSize(4);
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 4);
            harness.flink.processWatermark(9);
            harness.runUntil(() -> harness.output().contains("wm 9"));
            assertThat(harness.ids()).containsExactly("0", "1", "3");
            assertThat(harness.counts().skipped()).isEqualTo(1);
        }
    }

    @Test
    void theJobFailsByDefaultAndSaysWhy() throws Exception {
        poison(2);
        inference.retry(RetryPolicy.never()).maxBatchSize(4);
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 4);
            assertThatThrownBy(() -> harness.runUntilOutputs(4))
                    .hasRootCauseMessage("poison")
                    .rootCause()
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    /** As a function of other people's records: one of them has no text. */
    private static final class Careless implements InferenceFunction<TextMessage, Score> {
        private static final long serialVersionUID = 1L;

        @Override
        public List<Score> infer(List<TextMessage> batch) {
            batch.forEach(this::tokens);
            return batch.stream().map(ScriptedFunction::answer).toList();
        }

        @Override
        public long tokens(TextMessage message) {
            if (message.id().equals("3")) {
                throw new NullPointerException("no text");
            }
            return 1;
        }
    }

    @Test
    void aRecordThatCannotEvenBeMeasuredIsSetAsideLikeAnyOther() throws Exception {
        var careless =
                MicroBatchInference.of(new Careless(), Score.class)
                        .maxBatchSize(4)
                        .retry(RetryPolicy.never())
                        .deadLetters(Harness.BAD);
        try (Harness harness = Harness.keyed(careless).open()) {
            send(harness, 8);
            harness.runUntil(
                    () -> {
                        tick(harness);
                        return harness.ids().size() == 7 && harness.deadLetters().size() == 1;
                    });
            assertThat(harness.deadLetters().getFirst().reason()).contains("no text");
        }
    }

    @Test
    void aRecordThatIsNullIsADeadLetterLikeAnyOther() throws Exception {
        OutputTag<DeadLetter<String>> bad = MicroBatchInference.deadLetterTag("bad", Types.STRING);
        var shouting =
                MicroBatchInference.of(new Shouting(), Types.STRING)
                        .maxBatchSize(4)
                        .retry(RetryPolicy.never())
                        .deadLetters(bad);
        try (var harness = new OneInputStreamOperatorTestHarness<>(shouting.factory(), 1, 1, 0)) {
            harness.getStreamConfig().setupNetworkInputs(StringSerializer.INSTANCE);
            harness.getStreamConfig().serializeAllConfigs();
            harness.setup(StringSerializer.INSTANCE);
            harness.open();
            for (String text : new String[] {"a", null, "b", "c"}) {
                harness.processElement(new StreamRecord<>(text));
            }
            harness.snapshot(1, 1);
            harness.endInput();
            assertThat(harness.extractOutputValues()).containsExactly("A", "B", "C");
            assertThat(harness.getSideOutput(bad))
                    .singleElement()
                    .satisfies(letter -> assertThat(letter.getValue().original()).isNull());
        }
    }

    private static final class Shouting implements InferenceFunction<String, String> {
        @Override
        public List<String> infer(List<String> batch) {
            return batch.stream().map(text -> text.toUpperCase(Locale.ROOT)).toList();
        }
    }

    @Test
    void aBlamedInputIsNotTriedAgain() throws Exception {
        script.fault =
                batch -> {
                    throw new IllegalArgumentException("no text");
                };
        inference.maxBatchSize(1).deadLetters(Harness.BAD);
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 1);
            harness.runUntil(() -> !harness.deadLetters().isEmpty());
            assertThat(harness.deadLetters().getFirst().attempts()).isEqualTo(1);
        }
    }

    @Test
    void aStuckCallIsGivenUpAndOthersGoOn() throws Exception {
        script.fault =
                batch -> {
                    if (contains(batch, 0)) {
                        Thread.sleep(Long.MAX_VALUE);
                    }
                };
        inference
                .maxBatchSize(1)
                .maxInFlight(10)
                .inferenceTimeout(Duration.ofMillis(500)) // a machine that halts stops no other
                .deadLetters(Harness.BAD)
                .retry(RetryPolicy.exponential(2, Duration.ofMillis(1)));
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 4);
            harness.runUntil(
                    () -> {
                        tick(harness);
                        return harness.ids().size() == 3 && harness.deadLetters().size() == 1;
                    });
            assertThat(harness.deadLetters().getFirst().reason())
                    .contains("a batch of 1 did not finish within PT0.5S");
            assertThat(harness.counts().timeouts()).isEqualTo(2);
        }
    }

    @Test
    void anErrorFailsTheJobWhateverThePolicy() throws Exception {
        script.fault =
                batch -> {
                    throw new OutOfMemoryError("made up");
                };
        inference.maxBatchSize(1).deadLetters(Harness.BAD);
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 1);
            assertThatThrownBy(() -> harness.runUntilOutputs(1))
                    .isInstanceOf(OutOfMemoryError.class);
        }
    }

    @Test
    void aLostDeviceFailsTheJobWhateverThePolicyAndBlamesNoRecord() throws Exception {
        script.fault =
                batch -> {
                    throw new DeviceFailureException("the GPU failed: launch", true);
                };
        inference.maxBatchSize(4).deadLetters(Harness.BAD);
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 4);
            assertThatThrownBy(() -> harness.runUntilOutputs(4))
                    .hasStackTraceContaining("the device is lost to this process, no record")
                    .hasRootCauseMessage("the GPU failed: launch");
            assertThat(harness.deadLetters()).isEmpty();
            assertThat(script.batches).hasSize(1);
        }
    }

    @Test
    void countsReconcileUnderRandomFaults() throws Exception {
        script.fault =
                batch -> {
                    if (batch.hashCode() % 4 == 0) {
                        throw new IOException("weather");
                    }
                    for (TextMessage message : batch) {
                        if (Integer.parseInt(message.id()) % 100 == 7) {
                            throw new IllegalArgumentException("poison");
                        }
                    }
                };
        inference.deadLetters(Harness.BAD).retry(RetryPolicy.exponential(9, Duration.ofMillis(1)));
        try (Harness harness = Harness.keyed(inference).open()) {
            send(harness, 200);
            harness.runUntil(
                    () -> {
                        tick(harness);
                        var counts = harness.counts();
                        assertThat(counts.processed()).isEqualTo(harness.ids().size());
                        assertThat(counts.deadLettered()).isEqualTo(harness.deadLetters().size());
                        return harness.ids().size() + harness.deadLetters().size() == 200;
                    });
            assertThat(harness.deadLetters()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(IntStream.range(0, 200).mapToObj(Integer::toString))
                    .allMatch(
                            id ->
                                    harness.ids().contains(id)
                                            != harness.deadLetters().stream()
                                                    .anyMatch(l -> l.original().id().equals(id)));
            assertThat(harness.counts().accepted()).isEqualTo(200);
        }
    }

    @Test
    void contradictingSettingsAreRefusedByKey() {
        assertThatThrownBy(() -> inference.maxInFlight(10).factory())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("inference.max-in-flight")
                .hasMessageContaining("inference.max-batch-size = 64")
                .hasMessageContaining("found 10");
        assertThatThrownBy(
                        () ->
                                inference
                                        .maxInFlight(64)
                                        .onFailure(FailurePolicy.DEAD_LETTER)
                                        .factory())
                .hasMessageContaining("inference.on-failure");
    }
}
