package org.flinksigmoid.operators.inference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.BoundedOneInput;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.OutputTag;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.flinksigmoid.operators.types.DeadLetter;

/**
 * The operator behind {@link MicroBatchInference}. All its state is touched by the task's thread
 * only: device threads hand finished calls over through the mailbox, timers come through it too,
 * and where the operator has to wait it yields to the mailbox.
 *
 * @param <I> input record
 * @param <O> result
 */
final class MicroBatchOperator<I, O> extends AbstractStreamOperator<O>
        implements OneInputStreamOperator<I, O>, BoundedOneInput {
    private static final long serialVersionUID = 1L;

    /** How long close() waits for a call that ignores interrupts. */
    private static final long CLOSE_PATIENCE_MILLIS = 30_000;

    /** Threads stuck in abandoned calls before the operator gives up. */
    private static final int MOST_LEFT_BEHIND = 8;

    private final transient MailboxExecutor mailbox;
    private final InferenceFunction<I, O> function;
    private final InferenceSettings settings;
    private final OutputTag<DeadLetter<I>> deadLetters;

    private transient TypeSerializer<I> inputSerializer;
    private transient boolean copyInput;
    private transient InFlightState<I> state;
    private transient List<StreamRecord<I>> restored;
    private transient InFlight<I, O> inFlight;
    private transient Batcher<I, O> batcher;
    private transient Deque<Batch<I, O>> again;
    private transient DeviceThreads<I, O> device;
    private transient Recovery<I, O> recovery;
    private transient InferenceMetrics inferenceMetrics;
    private transient int callsOut;
    private transient long lingerTimer;
    private transient boolean flushing;
    private transient boolean functionOpen;

    MicroBatchOperator(
            StreamOperatorParameters<O> parameters,
            MailboxExecutor mailbox,
            ProcessingTimeService timeService,
            InferenceFunction<I, O> function,
            InferenceSettings settings,
            OutputTag<DeadLetter<I>> deadLetters) {
        super(parameters);
        this.mailbox = mailbox;
        this.processingTimeService = timeService;
        this.function = function;
        this.settings = settings;
        this.deadLetters = deadLetters;
    }

    /** Raw keyed state is ours, not that of Flink's timers. */
    @Override
    protected boolean isUsingCustomRawKeyedState() {
        return true;
    }

    @Override
    public void initializeState(StateInitializationContext context) throws Exception {
        super.initializeState(context);
        inputSerializer = getOperatorConfig().getTypeSerializerIn(0, getUserCodeClassloader());
        copyInput =
                getExecutionConfig().isObjectReuseEnabled() && !inputSerializer.isImmutableType();
        state = new InFlightState<>(inputSerializer);
        restored = new ArrayList<>();
        if (isKeyed()) {
            state.readKeyed(
                    context.getRawKeyedStateInputs(), getUserCodeClassloader(), restored::add);
        } else {
            state.readUnkeyed(context.getOperatorStateStore(), restored::add);
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        inferenceMetrics = new InferenceMetrics(getMetricGroup());
        inFlight =
                new InFlight<>(
                        settings.order(),
                        new Outlet<>(
                                output,
                                this::forward,
                                inferenceMetrics,
                                deadLetters,
                                getOperatorName()));
        batcher = new Batcher<>(settings.maxBatchSize(), settings.maxBatchTokens());
        again = new ArrayDeque<>();
        recovery = new Recovery<>(settings.onFailure(), settings.retry(), getOperatorName());
        lingerTimer = Long.MAX_VALUE;
        functionOpen = true;
        function.open(getRuntimeContext());
        device =
                new DeviceThreads<>(
                        getOperatorName() + " device",
                        settings.concurrency(),
                        function,
                        this::post,
                        getUserCodeClassloader());
        inferenceMetrics.gauge("recordsInFlight", inFlight::size);
        inferenceMetrics.gauge("recordsWaiting", batcher::size);
        inferenceMetrics.gauge("inflightBatches", () -> callsOut);
        for (StreamRecord<I> record : restored) {
            setKeyContextElement1(record);
            accept(record.getValue(), record);
        }
        restored = null;
        dispatch();
    }

    @Override
    public void processElement(StreamRecord<I> element) throws Exception {
        I value = element.getValue();
        accept(copyInput ? inputSerializer.copy(value) : value, element);
        dispatch();
        while (inFlight.size() >= settings.maxInFlight()) {
            mailbox.yield();
        }
    }

    @Override
    public void processWatermark(Watermark mark) throws Exception {
        inFlight.add(mark);
    }

    @Override
    public void processWatermarkStatus(WatermarkStatus status) throws Exception {
        inFlight.add(status);
    }

    @Override
    public void endInput() throws Exception {
        flushing = true;
        dispatch();
        while (!inFlight.isEmpty()) {
            mailbox.yield();
        }
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        if (isKeyed()) {
            state.writeKeyed(
                    inFlight,
                    context.getRawKeyedOperatorStateOutput(),
                    getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks());
        } else {
            state.writeUnkeyed(inFlight, getOperatorStateBackend());
        }
    }

    @Override
    public void close() throws Exception {
        boolean idle = device == null || device.close(CLOSE_PATIENCE_MILLIS);
        try {
            if (functionOpen && idle) {
                functionOpen = false;
                function.close();
            }
        } finally {
            super.close();
        }
    }

    /** What became of the records so far; for tests and logs. */
    InferenceMetrics.Counts counts() {
        return inferenceMetrics.counts();
    }

    private boolean isKeyed() {
        return getStateKeySelector1() != null;
    }

    private void accept(I value, StreamRecord<I> record) {
        Entry<I, O> entry =
                new Entry<>(
                        value,
                        record.hasTimestamp(),
                        record.hasTimestamp() ? record.getTimestamp() : 0,
                        isKeyed() ? getCurrentKey() : InFlight.NO_KEY,
                        function.tokens(value),
                        System.nanoTime(),
                        now() + settings.batchTimeout().toMillis());
        inFlight.add(entry);
        batcher.add(entry);
        inferenceMetrics.accepted();
    }

    private long now() {
        return processingTimeService.getCurrentProcessingTime();
    }

    /** Gives the device what is ripe, as far as it can take it, and sets the timer for the rest. */
    private void dispatch() {
        // One call waits behind those that run, so that a device never waits for the task's thread.
        while (callsOut <= settings.concurrency()) {
            if (!again.isEmpty()) {
                submit(again.removeFirst());
            } else if (!batcher.isEmpty() && isRipe()) {
                Batch<I, O> batch = batcher.take();
                Entry<I, O> oldest = batch.entries().getFirst();
                inferenceMetrics.dispatched(
                        batch.size(), batch.tokens(), System.nanoTime() - oldest.arrivedNanos);
                submit(batch);
            } else {
                break;
            }
        }
        if (!batcher.isEmpty() && !batcher.isFull()) {
            startLingerTimer(batcher.deadlineMillis());
        }
    }

    private boolean isRipe() {
        return flushing || batcher.isRipe(now()) || inFlight.size() >= settings.maxInFlight();
    }

    private void startLingerTimer(long deadline) {
        if (deadline < lingerTimer && deadline > now()) {
            lingerTimer = deadline;
            processingTimeService.registerTimer(
                    deadline,
                    time -> {
                        lingerTimer = Long.MAX_VALUE;
                        dispatch();
                    });
        }
    }

    private void submit(Batch<I, O> batch) {
        Call<I, O> call = new Call<>(batch);
        callsOut++;
        device.submit(call);
        if (!settings.inferenceTimeout().isZero()) {
            watch(call, settings.inferenceTimeout().toMillis());
        }
    }

    /** Checks after a while whether the call runs for too long. */
    private void watch(Call<I, O> call, long millis) {
        call.watch =
                processingTimeService.registerTimer(
                        now() + Math.max(1, millis),
                        time -> {
                            if (call.over || call.abandoned) {
                                return;
                            }
                            long limit = settings.inferenceTimeout().toNanos();
                            long started = call.startedNanos;
                            long left = started == 0 ? limit : started + limit - System.nanoTime();
                            if (left > 0) {
                                watch(call, left / 1_000_000 + 1);
                            } else if (device.abandon(call)) {
                                timedOut(call);
                            }
                        });
    }

    private void timedOut(Call<I, O> call) throws Exception {
        inferenceMetrics.timedOut();
        TimeoutException timeout =
                new TimeoutException(
                        "%s: a batch of %d did not finish within %s"
                                .formatted(
                                        getOperatorName(),
                                        call.batch.size(),
                                        settings.inferenceTimeout()));
        if (device.leftBehind() > MOST_LEFT_BEHIND) {
            throw new InferenceFailedException(
                    getOperatorName()
                            + ": more than "
                            + MOST_LEFT_BEHIND
                            + " calls are stuck and ignore interrupts",
                    timeout);
        }
        callsOut--;
        failed(call.batch, timeout);
        dispatch();
    }

    /** On a device thread. */
    private void post(Call<I, O> call) {
        try {
            mailbox.execute(() -> over(call), "results of a batch of %s", call.batch.size());
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the task has ended, a result is dropped", getOperatorName());
        }
    }

    private void over(Call<I, O> call) throws Exception {
        if (call.abandoned) {
            return;
        }
        call.over = true;
        callsOut--;
        if (call.watch != null) {
            call.watch.cancel(false); // or the timer would hold the batch until it fires
        }
        Exception failure = call.failureOrWrongResults();
        if (call.batch.failures() == 0 && !call.batch.part()) {
            for (Entry<I, O> entry : call.batch.entries()) {
                inferenceMetrics.waited(call.startedNanos - entry.arrivedNanos);
            }
        }
        if (failure == null) {
            inferenceMetrics.succeeded(call.durationNanos);
            // The device gets its next batch before this thread turns to the results.
            dispatch();
            for (int i = 0; i < call.results.size(); i++) {
                inFlight.finish(
                        call.batch.entries().get(i),
                        new Entry.Outcome.Result<>(call.results.get(i)));
            }
        } else {
            failed(call.batch, failure);
        }
        dispatch();
    }

    private void failed(Batch<I, O> batch, Exception failure) throws Exception {
        inferenceMetrics.failed();
        for (Entry<I, O> entry : batch.entries()) {
            entry.attempts++;
        }
        switch (recovery.decide(batch, failure)) {
            case Recovery.Step.Retry<I, O> retry -> {
                inferenceMetrics.retried();
                processingTimeService.registerTimer(
                        now() + retry.pauseMillis(),
                        time -> {
                            again.add(retry.batch());
                            dispatch();
                        });
            }
            case Recovery.Step.Split<I, O> split -> {
                inferenceMetrics.bisected();
                again.addAll(split.parts());
            }
            case Recovery.Step.GiveUp<I, O> giveUp -> {
                if (!giveUp.others().entries().isEmpty()) {
                    again.add(giveUp.others());
                }
                inFlight.finish(giveUp.entry(), new Entry.Outcome.GivenUp<>(giveUp.reason()));
            }
        }
    }

    /** A watermark or a stream status that all earlier records have left before. */
    private void forward(StreamElement event) throws Exception {
        if (event.isWatermark()) {
            super.processWatermark(event.asWatermark());
        } else {
            super.processWatermarkStatus(event.asWatermarkStatus());
        }
    }
}
