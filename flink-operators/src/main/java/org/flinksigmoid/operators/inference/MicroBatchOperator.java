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
import org.apache.flink.streaming.api.operators.StreamOperatorParameters;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.function.ThrowingRunnable;
import org.flinksigmoid.operators.metrics.BatchSpans;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.flinksigmoid.operators.types.ModelEvent;
import org.flinksigmoid.operators.types.ModelUpdate;

/**
 * The operator behind {@link MicroBatchInference}. All its state is touched by the task's thread
 * only: device threads hand finished calls over through the mailbox, timers come through it too,
 * and where the operator has to wait it yields to the mailbox.
 *
 * @param <I> input record
 * @param <O> result
 */
abstract class MicroBatchOperator<I, O> extends AbstractStreamOperator<O> {
    private static final long serialVersionUID = 1L;

    /** How long close() waits for a call that ignores interrupts. */
    private static final long CLOSE_PATIENCE_MILLIS = 30_000;

    private final transient MailboxExecutor mailbox;
    private final OperatorPlan<I, O> plan;
    private final InferenceFunction<I, O> function;
    private final InferenceSettings settings;

    private transient TypeSerializer<I> inputSerializer;
    private transient boolean copyInput;
    private transient InFlightState<I> state;
    private transient List<StreamRecord<I>> restored;
    private transient InFlight<I, O> inFlight;
    private transient Batcher<I, O> batcher;
    private transient Deque<Batch<I, O>> again;
    private transient Calls<I, O> calls;
    private transient Recovery<I, O> recovery;
    private transient InferenceMetrics inferenceMetrics;
    private transient BatchSpans spans;

    private transient Functions<I, O> functions;

    /** Null unless a second model looks on. */
    private transient Shadow<I, O> shadow;

    /** Null if the limits are fixed. */
    private transient BatchSizeController controller;

    private transient int maxInFlight;
    private transient long lingerMillis;
    private transient long lingerTimer;
    private transient boolean flushing;

    MicroBatchOperator(
            StreamOperatorParameters<O> parameters,
            MailboxExecutor mailbox,
            ProcessingTimeService timeService,
            OperatorPlan<I, O> plan) {
        super(parameters);
        this.mailbox = mailbox;
        this.processingTimeService = timeService;
        this.plan = plan;
        this.function = plan.function();
        this.settings = plan.settings();
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
        if (function instanceof Models<?, ?> models) {
            ModelControl.restore(models, context.getOperatorStateStore());
            models.listen(this::report);
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        inferenceMetrics = new InferenceMetrics(getMetricGroup());
        spans =
                new BatchSpans(
                        getMetricGroup(),
                        settings.spanInterval(),
                        () -> function.status().version());
        inFlight =
                new InFlight<>(
                        settings.order(),
                        new Outlet<>(
                                output,
                                this::forward,
                                inferenceMetrics,
                                plan,
                                this::adapt,
                                getOperatorName()));
        batcher = new Batcher<>(settings.maxBatchSize(), settings.maxBatchTokens());
        maxInFlight = settings.maxInFlight();
        lingerMillis = settings.linger().toMillis();
        if (!settings.latencyTarget().isZero()) {
            controller =
                    new BatchSizeController(
                            settings.latencyTarget().toNanos(),
                            settings.maxBatchSize(),
                            settings.maxInFlight(),
                            settings.concurrency());
            applyLimits();
        }
        again = new ArrayDeque<>();
        recovery = new Recovery<>(settings.onFailure(), settings.retry(), getOperatorName());
        lingerTimer = Long.MAX_VALUE;
        functions = new Functions<>(plan);
        functions.open(getRuntimeContext());
        calls =
                new Calls<>(
                        getOperatorName(),
                        settings,
                        processingTimeService,
                        call -> post(() -> over(call)),
                        this::timedOut,
                        getUserCodeClassloader());
        if (functions.hasShadow()) {
            shadow =
                    new Shadow<>(
                            plan.second(),
                            getOperatorName(),
                            call -> post(() -> shadow.over(call)),
                            output,
                            settings.maxInFlight(),
                            isKeyed(),
                            inferenceMetrics,
                            getUserCodeClassloader());
        }
        inferenceMetrics.model(function::status);
        inferenceMetrics.gauge("recordsInFlight", inFlight::size);
        inferenceMetrics.gauge("recordsWaiting", batcher::size);
        inferenceMetrics.gauge("inflightBatches", calls::out);
        for (StreamRecord<I> record : restored) {
            setKeyContextElement1(record);
            accept(record.getValue(), record);
        }
        restored = null;
        dispatch();
    }

    /** Takes a record in; returns when there is room for the next. */
    final void take(StreamRecord<I> element) throws Exception {
        I value = element.getValue();
        accept(copyInput ? inputSerializer.copy(value) : value, element);
        dispatch();
        while (inFlight.size() >= maxInFlight) {
            mailbox.yield();
        }
    }

    /** Asks for another model. */
    final void update(ModelUpdate update) {
        ((Models<?, ?>) function).request(update); // the builder has seen to it
    }

    /** On any thread. */
    private void report(ModelEvent event) {
        if (plan.modelEvents() != null) {
            post(() -> output.collect(plan.modelEvents(), new StreamRecord<>(event)));
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

    /** Waits until everything has left. */
    final void flush() throws Exception {
        flushing = true;
        dispatch();
        while (!inFlight.isEmpty() || (shadow != null && !shadow.isIdle())) {
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
        if (function instanceof Models<?, ?> models) {
            ModelControl.snapshot(models, getOperatorStateBackend());
        }
    }

    @Override
    public void close() throws Exception {
        boolean idle = calls == null || calls.close(CLOSE_PATIENCE_MILLIS);
        boolean secondIdle = shadow == null ? idle : shadow.close(CLOSE_PATIENCE_MILLIS);
        try {
            if (functions != null) {
                functions.close(idle, secondIdle);
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
        Object key = isKeyed() ? getCurrentKey() : InFlight.NO_KEY;
        boolean second = functions.secondAnswers(isKeyed() ? key : value);
        InferenceFunction<I, O> asked = functions.of(second);
        long tokens = asked.tokens(value);
        Entry<I, O> entry =
                new Entry<>(
                        value,
                        record.hasTimestamp(),
                        record.hasTimestamp() ? record.getTimestamp() : 0,
                        key,
                        Lane.of(second, asked.route(value), settings.bucket(tokens)),
                        tokens,
                        System.nanoTime(),
                        now() + lingerMillis);
        inFlight.add(entry);
        batcher.add(entry);
        inferenceMetrics.accepted();
    }

    /** A record has left. */
    private void adapt(long latencyNanos) {
        if (controller != null && controller.emitted(latencyNanos)) {
            applyLimits();
        }
    }

    private void applyLimits() {
        batcher.maxSize(controller.batchSize());
        maxInFlight = controller.inFlight();
    }

    private long now() {
        return processingTimeService.getCurrentProcessingTime();
    }

    /** Gives the device what is ripe, as far as it can take it, and sets the timer for the rest. */
    private void dispatch() {
        while (calls.hasRoom()) {
            if (!again.isEmpty()) {
                submit(again.removeFirst());
                continue;
            }
            boolean now = flushing || inFlight.size() >= maxInFlight;
            Batch<I, O> batch = batcher.isEmpty() ? null : batcher.next(now(), now);
            if (batch == null) {
                startLingerTimer(batcher.deadlineMillis());
                return;
            }
            dispatched(batch);
            submit(batch);
        }
    }

    private void dispatched(Batch<I, O> batch) {
        Entry<I, O> oldest = batch.entries().getFirst();
        inferenceMetrics.dispatched(
                batch.size(), batch.tokens(), System.nanoTime() - oldest.arrivedNanos);
        if (controller != null) {
            controller.dispatched(batch.size());
        }
    }

    private void startLingerTimer(long deadline) {
        if (deadline < lingerTimer && deadline > now()) { // MAX_VALUE: nobody waits
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
        calls.submit(batch, functions.of(batch.lane().second()));
    }

    private void timedOut(Batch<I, O> batch, TimeoutException timeout) throws Exception {
        inferenceMetrics.timedOut();
        failed(batch, timeout);
        dispatch();
    }

    /** On any thread: lets the task's thread do something. */
    private void post(ThrowingRunnable<Exception> mail) {
        try {
            mailbox.execute(mail, "news from a model");
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the task has ended, a result is dropped", getOperatorName());
        }
    }

    private void over(Call<I, O> call) throws Exception {
        if (!calls.isOver(call)) {
            return;
        }
        Exception failure = call.failureOrWrongResults();
        span(call, failure);
        if (call.batch.failures() == 0 && !call.batch.part()) {
            for (Entry<I, O> entry : call.batch.entries()) {
                inferenceMetrics.waited(call.startedNanos - entry.arrivedNanos);
            }
        }
        if (failure == null) {
            inferenceMetrics.succeeded(call.durationNanos);
            if (shadow != null) {
                shadow.offer(call.batch);
            }
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

    private void span(Call<I, O> call, Exception failure) {
        if (spans.isDue()) {
            spans.report(
                    call.durationNanos,
                    call.startedNanos - call.batch.entries().getFirst().arrivedNanos,
                    call.batch.size(),
                    call.batch.tokens(),
                    failure == null);
        }
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
