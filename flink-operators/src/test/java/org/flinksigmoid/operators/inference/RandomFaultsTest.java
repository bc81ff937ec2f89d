package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.flinksigmoid.operators.inference.FaultySerializer.Place;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;

/**
 * The operator while all around it fails at random moments: calls, who takes the results, state as
 * it is written and read, closing, the process itself. Source and sink are played here: what came
 * in since the last checkpoint comes again, what went out since then does not count. Every run has
 * settings of its own, and every restart another number of subtasks.
 */
class RandomFaultsTest {
    private static final int RUNS = Integer.getInteger("faults.runs", 12);
    private static final long SEED = Long.getLong("faults.seed", 1);
    private static final int RECORDS = 150;
    private static final int KEYS = 7;
    private static final int POISON = 17;

    @Test
    void everyRecordLeavesOnceInTheOrderOfItsKeyWhateverFails() throws Exception {
        int failures = 0;
        for (long seed = SEED; seed < SEED + RUNS; seed++) {
            Run run = new Run(seed);
            try {
                run.play();
            } catch (Throwable e) {
                throw new AssertionError("-Dfaults.runs=1 -Dfaults.seed=" + seed, e);
            }
            failures += run.failures;
        }
        assertThat(failures).isGreaterThan(RUNS);
    }

    /** A job from its first record to its last. */
    private static final class Run {
        private final Random random;
        private final boolean keyed;
        private final boolean deadLetters;
        private final boolean perKey;
        private final MicroBatchInference<TextMessage, Score> inference;
        private final List<Object> input = new ArrayList<>();
        private final List<Subtask> subtasks = new ArrayList<>();
        private int position;
        private boolean ended;
        private int failures;

        /** As of the last checkpoint. */
        private OperatorSubtaskState state;

        private int statePosition;
        private int stateSubtasks;
        private boolean stateEnded;
        private final List<String> results = new ArrayList<>();
        private final List<String> dead = new ArrayList<>();

        Run(long seed) {
            random = new Random(seed);
            keyed = random.nextInt(4) > 0;
            deadLetters = random.nextBoolean();
            perKey = random.nextInt(3) > 0;
            String name = "random-faults-" + seed;
            Random calls = new Random(seed);
            ScriptedFunction.script(name).fault = batch -> call(batch, calls);
            inference = settings(name);
            FaultySerializer.faults(seed, Map.of());
            long watermark = 0;
            for (int id = 0; id < RECORDS; id++) {
                input.add(Harness.message("k" + random.nextInt(KEYS), id));
                if (random.nextInt(5) == 0) {
                    watermark = Math.max(watermark + 1, id - random.nextInt(5));
                    input.add(new Watermark(watermark));
                }
            }
            input.add(new Watermark(Long.MAX_VALUE));
        }

        private MicroBatchInference<TextMessage, Score> settings(String name) {
            int batch = 1 + random.nextInt(12);
            var made =
                    MicroBatchInference.of(new ScriptedFunction(name), Score.class)
                            .order(perKey ? Order.PER_KEY : Order.UNORDERED)
                            .maxBatchSize(batch)
                            .maxInFlight(batch + random.nextInt(60))
                            .batchTimeout(Duration.ofMillis(random.nextInt(10)))
                            .concurrency(1 + random.nextInt(3))
                            .retry(RetryPolicy.exponential(3, Duration.ofMillis(2)));
            if (random.nextBoolean()) {
                made.inferenceTimeout(Duration.ofMillis(40));
            }
            if (random.nextInt(3) == 0) {
                made.latencyTarget(Duration.ofMillis(20));
            }
            if (random.nextInt(3) == 0) {
                made.lengthBuckets(2, 3);
            }
            return deadLetters ? made.deadLetters(Harness.BAD) : made;
        }

        private void call(List<TextMessage> batch, Random calls) throws Exception {
            int what;
            synchronized (calls) {
                what = calls.nextInt(400);
            }
            if (what < 20) {
                throw new IOException("injected: weather");
            } else if (what < 23) {
                throw new LinkageError("injected: the process is broken");
            } else if (what < 26) {
                Thread.sleep(80);
            } else if (what < 200) {
                Thread.sleep(1);
            }
            for (TextMessage message : batch) {
                if (isPoisoned(message.id())) {
                    throw new IllegalArgumentException("poison");
                }
            }
        }

        private boolean isPoisoned(String id) {
            return deadLetters && Integer.parseInt(id) % POISON == 3;
        }

        void play() throws Exception {
            restart(false);
            while (!stateEnded) {
                try {
                    step();
                } catch (Throwable e) {
                    requireInjected(e);
                    restart(true);
                }
            }
            FaultySerializer.faults(0, Map.of());
            close();
            compare();
        }

        private static void requireInjected(Throwable e) throws Exception {
            boolean ours = false;
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                ours |= String.valueOf(cause.getMessage()).contains("injected");
                ours |= String.valueOf(cause.getMessage()).contains("did not finish within");
            }
            if (!ours) {
                throw new Exception("not injected", e);
            }
        }

        private void step() throws Exception {
            int what = random.nextInt(100);
            if (what < 70 && position < input.size()) {
                send(input.get(position++));
            } else if (what < 90 && position < input.size()) {
                for (Subtask subtask : subtasks) {
                    subtask.harness.runNextMail();
                }
            } else if (what < 97) {
                if (position == input.size() && !ended) {
                    for (Subtask subtask : subtasks) {
                        subtask.harness.flink.endInput();
                    }
                    ended = true;
                }
                checkpoint();
            } else if (what < 98) {
                throw new IOException("injected: the process is gone");
            } else if (!ended) {
                stop();
            }
        }

        private void send(Object element) throws Exception {
            if (element instanceof TextMessage message) {
                int owner =
                        keyed
                                ? KeyGroupRangeAssignment.assignKeyToParallelOperator(
                                        message.key(), Harness.MAX_PARALLELISM, subtasks.size())
                                : 0;
                Subtask to = subtasks.get(owner);
                to.arrived.add(message.id());
                to.harness.send(message.key(), Integer.parseInt(message.id()));
            } else {
                for (Subtask subtask : subtasks) {
                    Watermark mark = (Watermark) element;
                    subtask.before.put(mark.getTimestamp(), List.copyOf(subtask.arrived));
                    subtask.harness.flink.processWatermark(mark);
                }
            }
        }

        private void checkpoint() throws Exception {
            snapshot(CheckpointType.CHECKPOINT);
        }

        /** Stops with a savepoint, and goes on from it. */
        private void stop() throws Exception {
            snapshot(SavepointType.suspend(SavepointFormatType.CANONICAL));
            for (Subtask subtask : subtasks) {
                for (int i = 0; i < 5; i++) {
                    subtask.harness.runNextMail();
                }
                assertThat(subtask.harness.output()).as("behind the savepoint").isEmpty();
                assertThat(subtask.harness.deadLetters()).as("behind the savepoint").isEmpty();
            }
            restart(false);
        }

        private void snapshot(SnapshotType type) throws Exception {
            OperatorSubtaskState[] states = new OperatorSubtaskState[subtasks.size()];
            for (int i = 0; i < states.length; i++) {
                states[i] =
                        subtasks.get(i)
                                .harness
                                .flink
                                .snapshotWithLocalState(1, 1, type)
                                .getJobManagerOwnedState();
            }
            if (type == CheckpointType.CHECKPOINT && random.nextInt(5) == 0) {
                return; // another operator's part could not be written
            }
            state = AbstractStreamOperatorTestHarness.repackageState(states);
            stateSubtasks = states.length;
            statePosition = position;
            stateEnded = ended;
            for (Subtask subtask : subtasks) {
                subtask.collect(results, dead);
            }
        }

        private void restart(boolean failed) throws Exception {
            close();
            failures += failed ? 1 : 0;
            position = statePosition;
            ended = stateEnded;
            int parallelism = keyed ? 1 + random.nextInt(3) : 1;
            boolean open = false;
            while (!open) {
                try {
                    for (int i = 0; i < parallelism; i++) {
                        open(parallelism, i);
                    }
                    open = true;
                } catch (Throwable e) {
                    requireInjected(e);
                    close();
                    failures++;
                }
            }
        }

        private void open(int parallelism, int index) throws Exception {
            FaultySerializer.faults(
                    random.nextLong(),
                    Map.of(Place.WRITE, 0.003, Place.READ, 0.003, Place.COLLECT, 0.003));
            Harness harness =
                    keyed
                            ? Harness.keyed(inference, parallelism, index)
                            : Harness.unkeyed(inference);
            Subtask subtask = new Subtask(harness.faulty().ticking(Duration.ofMillis(2)));
            subtasks.add(subtask);
            if (state == null) {
                harness.open();
            } else {
                harness.restore(
                        AbstractStreamOperatorTestHarness.repartitionOperatorState(
                                state, Harness.MAX_PARALLELISM, stateSubtasks, parallelism, index));
            }
        }

        private void close() throws Exception {
            for (Subtask subtask : subtasks) {
                try {
                    subtask.harness.close();
                } catch (Throwable e) {
                    requireInjected(e);
                }
            }
            subtasks.clear();
        }

        private void compare() {
            List<String> expected = new ArrayList<>();
            Map<String, List<String>> ofKey = new HashMap<>();
            Map<String, String> keys = new HashMap<>();
            List<String> expectedDead = new ArrayList<>();
            for (Object element : input) {
                if (element instanceof TextMessage message) {
                    keys.put(message.id(), message.key());
                    (isPoisoned(message.id()) ? expectedDead : expected).add(message.id());
                }
            }
            assertThat(dead).containsAll(expectedDead).doesNotHaveDuplicates();
            // A call that takes too long three times condemns what it holds.
            List<String> all = new ArrayList<>(results);
            all.addAll(dead);
            assertThat(all).containsExactlyInAnyOrderElementsOf(keys.keySet());
            if (perKey) {
                for (String id : results) {
                    String key = keyed ? keys.get(id) : "";
                    ofKey.computeIfAbsent(key, any -> new ArrayList<>()).add(id);
                }
                for (List<String> ids : ofKey.values()) {
                    assertThat(ids).isSortedAccordingTo((a, b) -> number(a) - number(b));
                }
            }
        }

        private static int number(String id) {
            return Integer.parseInt(id);
        }
    }

    /** One subtask from a start to its end. */
    private static final class Subtask {
        private final Harness harness;
        private final List<String> arrived = new ArrayList<>();
        private final Set<String> left = new HashSet<>();

        /** Records that came before a watermark, not those that a restore brought. */
        private final Map<Long, List<String>> before = new HashMap<>();

        Subtask(Harness harness) {
            this.harness = harness;
        }

        /** Moves over what has left, and looks whether watermarks stayed behind it. */
        void collect(List<String> results, List<String> dead) {
            for (var letter : harness.deadLetters()) {
                dead.add(letter.original().id());
                left.add(letter.original().id());
            }
            for (Object element : harness.flink.getOutput()) {
                if (element instanceof StreamRecord<?> record) {
                    String id = ((Score) record.getValue()).id();
                    assertThat(record.getTimestamp()).isEqualTo(Long.parseLong(id));
                    results.add(id);
                    left.add(id);
                } else if (element instanceof Watermark mark) {
                    assertThat(left).containsAll(before.get(mark.getTimestamp()));
                }
            }
            harness.flink.getOutput().clear();
            var letters = harness.flink.getSideOutput(Harness.BAD);
            if (letters != null) {
                letters.clear();
            }
        }
    }
}
