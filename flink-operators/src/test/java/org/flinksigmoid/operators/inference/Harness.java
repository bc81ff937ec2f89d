package org.flinksigmoid.operators.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.runtime.tasks.mailbox.TaskMailbox;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.flinksigmoid.operators.types.DeadLetter;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;

/** One subtask of the operator on Flink's test harness, with its mailbox and clock in our hands. */
final class Harness implements AutoCloseable {
    static final int MAX_PARALLELISM = 16;
    static final OutputTag<DeadLetter<TextMessage>> BAD =
            MicroBatchInference.deadLetterTag("bad", TypeInformation.of(TextMessage.class));

    final OneInputStreamOperatorTestHarness<TextMessage, Score> flink;
    private int mailsRun;
    private volatile boolean closed;

    private Harness(OneInputStreamOperatorTestHarness<TextMessage, Score> flink) {
        this.flink = flink;
        flink.getStreamConfig()
                .setupNetworkInputs(
                        TypeInformation.of(TextMessage.class)
                                .createSerializer(new SerializerConfigImpl()));
        flink.getStreamConfig().serializeAllConfigs();
        flink.setup(TypeInformation.of(Score.class).createSerializer(new SerializerConfigImpl()));
    }

    static Harness keyed(MicroBatchInference<TextMessage, Score> inference) throws Exception {
        return keyed(inference, 1, 0);
    }

    static Harness keyed(
            MicroBatchInference<TextMessage, Score> inference, int parallelism, int subtask)
            throws Exception {
        return new Harness(
                new KeyedOneInputStreamOperatorTestHarness<>(
                        inference.factory(),
                        TextMessage::key,
                        Types.STRING,
                        MAX_PARALLELISM,
                        parallelism,
                        subtask));
    }

    static Harness unkeyed(MicroBatchInference<TextMessage, Score> inference) throws Exception {
        return new Harness(
                new OneInputStreamOperatorTestHarness<>(
                        inference.factory(), MAX_PARALLELISM, 1, 0));
    }

    /** With serializers of which {@link FaultySerializer#faults} says how often they fail. */
    Harness faulty() {
        flink.getStreamConfig().setupNetworkInputs(new FaultySerializer.OfMessages());
        flink.getStreamConfig().serializeAllConfigs();
        flink.setup(new FaultySerializer.OfScores());
        return this;
    }

    Harness on(StateBackend backend) {
        flink.setStateBackend(backend);
        return this;
    }

    Harness open() throws Exception {
        flink.open();
        return this;
    }

    Harness restore(OperatorSubtaskState state) throws Exception {
        flink.initializeState(state);
        return open();
    }

    static TextMessage message(String key, int id) {
        return new TextMessage(key, Integer.toString(id), "t" + id, id);
    }

    /** Sends one record of the key, with its id as timestamp. */
    void send(String key, int id) throws Exception {
        flink.processElement(new StreamRecord<>(message(key, id), id));
    }

    void send(TextMessage message) throws Exception {
        flink.processElement(new StreamRecord<>(message));
    }

    /** Runs mail until something holds; fails after a minute. */
    void runUntil(BooleanSupplier condition) throws Exception {
        TaskMailbox mailbox = flink.getTaskMailbox();
        long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.getAsBoolean()) {
            var mail = mailbox.tryTake(TaskMailbox.MIN_PRIORITY);
            if (mail.isPresent()) {
                mail.get().run();
                mailsRun++;
            } else if (System.nanoTime() > deadline) {
                throw new AssertionError("nothing happened for 60 s; output so far " + output());
            } else {
                Thread.sleep(1);
            }
        }
    }

    /** Waits for a piece of mail, such as the outcome of a call, and runs it. */
    void runNextMail() throws Exception {
        int before = mailsRun;
        runUntil(() -> mailsRun > before);
    }

    /**
     * Runs the mail of everything that goes on now, for a moment: to see that nothing happens, not
     * to wait until something has.
     */
    void settle() throws Exception {
        long end = System.nanoTime() + Duration.ofMillis(60).toNanos();
        runUntil(() -> System.nanoTime() > end);
    }

    /** From now on the clock goes on by itself, also where the operator waits for mail. */
    Harness ticking(Duration step) {
        Thread clock = new Thread(() -> tick(step.toMillis()), "clock");
        clock.setDaemon(true);
        clock.start();
        return this;
    }

    private void tick(long millis) {
        Semaphore seen = new Semaphore(1);
        try {
            while (!closed) {
                seen.acquire();
                Thread.sleep(1);
                flink.getTaskMailbox()
                        .put(
                                new Mail(
                                        () -> {
                                            seen.release();
                                            flink.setProcessingTime(
                                                    flink.getProcessingTime() + millis);
                                        },
                                        Integer.MAX_VALUE,
                                        "tick"));
            }
        } catch (InterruptedException | TaskMailbox.MailboxClosedException e) {
            Thread.currentThread().interrupt();
        }
    }

    void runUntilOutputs(int records) throws Exception {
        runUntil(() -> ids().size() >= records);
    }

    /** Records as {@code id@timestamp}, watermarks as {@code wm 5}, in order of leaving. */
    List<String> output() {
        List<String> all = new ArrayList<>();
        for (Object element : flink.getOutput()) {
            if (element instanceof StreamRecord<?> record) {
                String id = ((Score) record.getValue()).id();
                all.add(record.hasTimestamp() ? id + "@" + record.getTimestamp() : id);
            } else if (element instanceof Watermark mark) {
                all.add("wm " + mark.getTimestamp());
            } else if (element instanceof WatermarkStatus status) {
                all.add(status.isIdle() ? "idle" : "active");
            }
        }
        return all;
    }

    List<String> ids() {
        return flink.extractOutputValues().stream().map(Score::id).toList();
    }

    List<DeadLetter<TextMessage>> deadLetters() {
        var letters = flink.getSideOutput(BAD);
        return letters == null ? List.of() : letters.stream().map(StreamRecord::getValue).toList();
    }

    InferenceMetrics.Counts counts() {
        return ((MicroBatchOperator<?, ?>) flink.getOperator()).counts();
    }

    @Override
    public void close() throws Exception {
        closed = true;
        flink.close();
    }
}
