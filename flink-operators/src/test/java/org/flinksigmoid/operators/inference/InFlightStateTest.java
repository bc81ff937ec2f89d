package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.flinksigmoid.operators.inference.ScriptedFunction.Script;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InFlightStateTest {
    private static final int KEYS = 23;
    private MicroBatchInference<TextMessage, Score> inference;
    private Script script;

    /** Where Flink keeps keyed state; ours is written beside it. */
    enum Backend {
        HASHMAP,
        ROCKSDB;

        StateBackend create() {
            return this == HASHMAP ? new HashMapStateBackend() : new EmbeddedRocksDBStateBackend();
        }
    }

    @BeforeEach
    void newFunction(TestInfo test) {
        String name = test.getTestMethod() + test.getDisplayName();
        script = ScriptedFunction.script(name);
        inference =
                MicroBatchInference.of(new ScriptedFunction(name), Score.class)
                        .maxBatchSize(4)
                        .maxInFlight(10_000)
                        .batchTimeout(Duration.ofMillis(10));
    }

    @ParameterizedTest
    @EnumSource
    void aSnapshotInMidBatchNeitherWaitsNorLosesNorDoubles(Backend backend) throws Exception {
        script.closedGate();
        OperatorSubtaskState snapshot;
        List<String> before;
        try (Harness harness = Harness.keyed(inference).on(backend.create()).open()) {
            for (int id = 0; id < 42; id++) {
                harness.send("k" + id % 5, id);
            }
            script.gate.release(2);
            harness.runUntilOutputs(8);
            // one more runs, and waits at the gate
            harness.runUntil(() -> script.batches.size() == 3);
            snapshot = harness.flink.snapshot(1, 1);
            before = harness.output();
        }
        script.gate.release(1000);
        try (Harness harness = Harness.keyed(inference).on(backend.create()).restore(snapshot)) {
            harness.flink.endInput();
            List<String> all = new ArrayList<>(before);
            all.addAll(harness.output());
            assertThat(all).hasSize(42).doesNotHaveDuplicates();
            for (int id = 0; id < 42; id++) {
                assertThat(all).contains(id + "@" + id);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingLeavesBehindASavepointThatTheJobStopsWith(boolean stops) throws Exception {
        script.closedGate();
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.keyed(inference).open()) {
            for (int id = 0; id < 4; id++) {
                harness.send("k", id);
            }
            SavepointType type =
                    stops
                            ? SavepointType.suspend(SavepointFormatType.CANONICAL)
                            : SavepointType.savepoint(SavepointFormatType.CANONICAL);
            snapshot = harness.flink.snapshotWithLocalState(1, 1, type).getJobManagerOwnedState();
            script.gate.release(1000);
            if (stops) {
                harness.settle();
                assertThat(harness.output()).isEmpty();
            } else {
                harness.runUntilOutputs(4); // the job goes on
            }
        }
        try (Harness harness = Harness.keyed(inference).restore(snapshot)) {
            harness.flink.endInput();
            assertThat(harness.output()).containsExactly("0@0", "1@1", "2@2", "3@3");
        }
    }

    @Test
    void aCallThatTakesTooLongBehindSuchASavepointSaysNothing() throws Exception {
        script.fault = batch -> Thread.sleep(Long.MAX_VALUE);
        inference
                .maxBatchSize(1)
                .inferenceTimeout(Duration.ofMillis(20))
                .retry(RetryPolicy.never())
                .deadLetters(Harness.BAD);
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.send("k", 1);
            SavepointType type = SavepointType.suspend(SavepointFormatType.CANONICAL);
            snapshot = harness.flink.snapshotWithLocalState(1, 1, type).getJobManagerOwnedState();
            Thread.sleep(30);
            harness.flink.setProcessingTime(1000);
            harness.settle();
            assertThat(harness.deadLetters()).isEmpty();
        }
        script.fault = batch -> {};
        try (Harness harness = Harness.keyed(inference).restore(snapshot)) {
            harness.flink.endInput();
            assertThat(harness.output()).containsExactly("1@1");
        }
    }

    /** A subtask that takes over what several had in flight. */
    @Test
    void moreThanMayBeInFlightDoesNotHoldUpCheckpointsAfterARestore() throws Exception {
        script.closedGate();
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.keyed(inference).open()) {
            for (int id = 0; id < 100; id++) {
                harness.send("k" + id % 5, id);
            }
            snapshot = harness.flink.snapshot(1, 1);
        }
        inference.maxInFlight(10);
        try (Harness harness = Harness.keyed(inference).restore(snapshot)) {
            harness.ticking(Duration.ofMillis(5));
            harness.send("k0", 100); // would wait for a call
            assertThat(harness.counts().accepted()).isEqualTo(101);
            snapshot = harness.flink.snapshot(2, 2);
        } finally {
            script.gate.release(1000);
        }
        try (Harness harness = Harness.keyed(inference).restore(snapshot)) {
            harness.flink.endInput();
            assertThat(harness.ids()).hasSize(101).doesNotHaveDuplicates();
        }
    }

    /** Or a job that fails again and again while its model hangs would have more each time. */
    @Test
    void whatARestoreBringsCountsForWhatMayComeInWhileACallTakesLong() throws Exception {
        script.closedGate();
        inference.maxInFlight(10).maxBatchSize(2);
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.ticking(Duration.ofMillis(5));
            for (int id = 0; id < 14; id++) {
                harness.send("k", id);
            }
            snapshot = harness.flink.snapshot(1, 1);
        }
        try (Harness harness = Harness.keyed(inference).restore(snapshot)) {
            harness.ticking(Duration.ofMillis(5));
            CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)
                    .execute(() -> script.gate.release(1000));
            harness.send("k", 14); // has room when the call has ended
            assertThat(harness.ids()).isNotEmpty();
        }
    }

    @Test
    void aStreamWithoutKeysIsRestoredInOrderOfArrival() throws Exception {
        script.closedGate();
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.unkeyed(inference).open()) {
            harness.send("k", 1);
            harness.send(Harness.message("k", 2)); // without a timestamp
            harness.send("k", 3);
            snapshot = harness.flink.snapshot(1, 1);
        }
        script.gate.release(1000);
        try (Harness harness = Harness.unkeyed(inference).restore(snapshot)) {
            harness.flink.endInput();
            assertThat(harness.output()).containsExactly("1@1", "2", "3@3");
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyKeyKeepsItsOrderWhenTwoSubtasksBecomeThreeBecomeOne(Backend backend)
            throws Exception {
        Map<String, List<Integer>> seen = new HashMap<>();
        OperatorSubtaskState state = null;
        int next = 0;
        int old = 0;
        for (int parallelism : new int[] {2, 3, 1}) {
            script.closedGate();
            List<Harness> subtasks = new ArrayList<>();
            for (int i = 0; i < parallelism; i++) {
                Harness harness = Harness.keyed(inference, parallelism, i).on(backend.create());
                subtasks.add(
                        state == null
                                ? harness.open()
                                : harness.restore(
                                        AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                                state,
                                                Harness.MAX_PARALLELISM,
                                                old,
                                                parallelism,
                                                i)));
            }
            for (int i = 0; i < 500; i++, next++) {
                String key = "k" + next % KEYS;
                subtasks.get(owner(key, parallelism)).send(key, next);
            }
            script.gate.release(30); // some results leave, most records stay in flight
            List<OperatorSubtaskState> states = new ArrayList<>();
            for (Harness harness : subtasks) {
                harness.settle();
                if (parallelism == 1) {
                    script.gate.release(10_000);
                    harness.flink.endInput();
                }
                states.add(harness.flink.snapshot(1, 1));
                for (Score score : harness.flink.extractOutputValues()) {
                    seen.computeIfAbsent(score.key(), any -> new ArrayList<>())
                            .add(Integer.parseInt(score.id()));
                }
            }
            state =
                    AbstractStreamOperatorTestHarness.repackageState(
                            states.toArray(OperatorSubtaskState[]::new));
            old = parallelism;
            for (Harness harness : subtasks) {
                harness.close();
            }
        }
        assertThat(seen).hasSize(KEYS);
        for (int key = 0; key < KEYS; key++) {
            List<Integer> expected = new ArrayList<>();
            for (int id = key; id < next; id += KEYS) {
                expected.add(id);
            }
            assertThat(seen.get("k" + key)).isEqualTo(expected);
        }
    }

    private static int owner(String key, int parallelism) {
        return KeyGroupRangeAssignment.assignKeyToParallelOperator(
                key, Harness.MAX_PARALLELISM, parallelism);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void recordsInFlightAreNotLostWhereKeysComeOrGo(boolean keyedBefore) throws Exception {
        script.closedGate();
        OperatorSubtaskState snapshot;
        try (Harness harness = harness(keyedBefore).open()) {
            harness.send("k", 1);
            harness.send("k", 2);
            snapshot = harness.flink.snapshot(1, 1);
        }
        Harness other = harness(!keyedBefore);
        assertThatThrownBy(() -> other.restore(snapshot))
                .hasStackTraceContaining(
                        keyedBefore
                                ? "expected those of a stream without keys, found 2 of one with"
                                : "expected those of a stream with keys, found 2 of one without");
        script.gate.release(1000);
        try (Harness same = harness(keyedBefore).restore(snapshot)) {
            same.flink.endInput();
            assertThat(same.output()).containsExactly("1@1", "2@2");
        }
    }

    private Harness harness(boolean keyed) throws Exception {
        return keyed ? Harness.keyed(inference) : Harness.unkeyed(inference);
    }

    @Test
    void anEmptyOperatorLeavesAnEmptySnapshot() throws Exception {
        OperatorSubtaskState snapshot;
        try (Harness harness = Harness.keyed(inference).open()) {
            harness.send("k", 1);
            harness.flink.endInput();
            snapshot = harness.flink.snapshot(1, 1);
        }
        try (Harness harness = Harness.keyed(inference).restore(snapshot)) {
            harness.flink.endInput();
            assertThat(harness.output()).isEmpty();
        }
    }
}
