package org.flinksigmoid.operators.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import org.apache.flink.api.common.TaskInfo;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.StateInitializationContext;
import org.apache.flink.runtime.state.StateSnapshotContext;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OperatorSnapshotFutures;
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
 * The operator behind {@link MicroBatchInference}: Flink's side of it, that is lifecycle, state and
 * what comes in and goes out; {@link BatchRunner} does the rest. All its state is touched by the
 * task's thread only: device threads hand finished calls over through the mailbox, timers come
 * through it too, and where the operator has to wait it yields to the mailbox.
 *
 * @param <I> input record
 * @param <O> result
 */
abstract class MicroBatchOperator<I, O> extends AbstractStreamOperator<O> {
    private static final long serialVersionUID = 1L;

    /** How long close() waits for a call that ignores interrupts. */
    private static final long CLOSE_PATIENCE_MILLIS = 30_000;

    /** How long the end of the input waits for the next answer of a shadow. */
    private static final long SHADOW_PATIENCE_MILLIS = 30_000;

    private final transient MailboxExecutor mailbox;
    private final OperatorPlan<I, O> plan;
    private final InferenceSettings settings;

    private transient TypeSerializer<I> inputSerializer;
    private transient boolean copyInput;
    private transient InFlightState<I> state;
    private transient ModelControl control;
    private transient List<StreamRecord<I>> restored;
    private transient Functions<I, O> functions;
    private transient InFlight<I, O> inFlight;
    private transient BatchRunner<I, O> runner;
    private transient BackPressure backPressure;
    private transient InferenceMetrics inferenceMetrics;

    /**
     * Whether nothing may leave any more: the savepoint has been taken that the job stops with, or
     * the operators behind have been told that all has come.
     */
    private transient boolean stopped;

    /** Null unless a second model looks on. */
    private transient Shadow<I, O> shadow;

    MicroBatchOperator(
            StreamOperatorParameters<O> parameters,
            MailboxExecutor mailbox,
            ProcessingTimeService timeService,
            OperatorPlan<I, O> plan) {
        super(parameters);
        this.mailbox = mailbox;
        this.processingTimeService = timeService;
        this.plan = plan;
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
        if (getOperatorConfig().getInputs(getUserCodeClassloader()).length == 0) {
            throw new IllegalStateException(
                    "input: expected a serializer in the operator's configuration, found none; a"
                            + " test harness has getStreamConfig().setupNetworkInputs(serializer)");
        }
        inputSerializer = getOperatorConfig().getTypeSerializerIn(0, getUserCodeClassloader());
        copyInput =
                getExecutionConfig().isObjectReuseEnabled() && !inputSerializer.isImmutableType();
        state = new InFlightState<>(inputSerializer);
        restored = new ArrayList<>();
        state.requireKeys(isKeyed(), context.getOperatorStateStore());
        if (isKeyed()) {
            state.readKeyed(
                    context.getRawKeyedStateInputs(), getUserCodeClassloader(), restored::add);
        } else {
            state.readUnkeyed(context.getOperatorStateStore(), restored::add);
        }
        control = new ModelControl(plan);
        if (control.isOfUse()) {
            control.restore(context.getOperatorStateStore(), this::report);
        }
    }

    @Override
    public void open() throws Exception {
        super.open();
        inferenceMetrics = new InferenceMetrics(getMetricGroup());
        backPressure = new BackPressure(mailbox, processingTimeService, restored.size());
        inFlight =
                new InFlight<>(
                        settings.order(),
                        new Outlet<>(
                                output,
                                this::forward,
                                inferenceMetrics,
                                plan,
                                nanos -> runner.emitted(nanos),
                                getOperatorName()));
        functions = new Functions<>(plan);
        functions.open(getRuntimeContext());
        shadow = functions.hasShadow() ? shadow() : null;
        runner = runner();
        registerGauges();
        for (StreamRecord<I> record : restored) {
            setKeyContextElement1(record);
            accept(record.getValue(), record);
        }
        restored = null;
        runner.dispatch();
    }

    private Shadow<I, O> shadow() {
        return new Shadow<>(
                plan.second(),
                getOperatorName(),
                call -> post(() -> shadow.over(call)),
                output,
                settings.maxInFlight(),
                isKeyed(),
                inferenceMetrics,
                getUserCodeClassloader());
    }

    private BatchRunner<I, O> runner() {
        return new BatchRunner<>(
                getOperatorName(),
                settings,
                functions,
                inFlight,
                inferenceMetrics,
                new BatchSpans(
                        getMetricGroup(),
                        settings.spanInterval(),
                        () -> plan.function().status().version()),
                processingTimeService,
                this::post,
                shadow == null ? batch -> {} : shadow::offer,
                getUserCodeClassloader());
    }

    private void registerGauges() {
        inferenceMetrics.model(plan.function()::status);
        if (plan.second() != null) {
            inferenceMetrics.secondModel(plan.second().function()::status);
        }
        inferenceMetrics.gauge("recordsInFlight", inFlight::size);
        inferenceMetrics.gauge("recordsWaiting", runner::waiting);
        inferenceMetrics.gauge("inflightBatches", runner::callsOut);
    }

    /** Takes a record in; returns when there is room for the next. */
    final void take(StreamRecord<I> element) throws Exception {
        I value = element.getValue();
        accept(copyInput ? inputSerializer.copy(value) : value, element);
        runner.dispatch();
        backPressure.await(inFlight, runner);
    }

    /** Asks for another model. */
    final void update(ModelUpdate update) {
        control.request(update, getRuntimeContext().getTaskInfo());
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

    /** Waits until everything has left, and for the shadow as long as it goes on answering. */
    final void flush() throws Exception {
        runner.flush();
        while (!inFlight.isEmpty()) {
            mailbox.yield();
        }
        while (shadow != null && !shadow.isIdle()) {
            long before = shadow.answers();
            Future<?> alarm =
                    processingTimeService.registerTimer(
                            processingTimeService.getCurrentProcessingTime()
                                    + SHADOW_PATIENCE_MILLIS,
                            at -> shadow.giveUpUnlessBeyond(before));
            while (!shadow.isIdle() && shadow.answers() == before) {
                mailbox.yield();
            }
            alarm.cancel(false);
        }
    }

    /** The task lives on until its last checkpoint is complete, and models may still be loaded. */
    @Override
    public void finish() throws Exception {
        super.finish();
        stopped = true;
    }

    /**
     * Behind a savepoint that the job stops with, nothing leaves: what is in flight is in it and
     * runs again. Flink ends the task once the savepoint is complete, and fails it otherwise.
     */
    @Override
    public OperatorSnapshotFutures snapshotState(
            long checkpoint,
            long timestamp,
            CheckpointOptions options,
            CheckpointStreamFactory storage)
            throws Exception {
        var snapshot = super.snapshotState(checkpoint, timestamp, options, storage);
        stopped |=
                options.getCheckpointType() instanceof SavepointType savepoint
                        && savepoint.isSynchronous();
        return snapshot;
    }

    @Override
    public void snapshotState(StateSnapshotContext context) throws Exception {
        super.snapshotState(context);
        if (isKeyed()) {
            state.writeKeyed(
                    inFlight,
                    context.getRawKeyedOperatorStateOutput(),
                    getRuntimeContext().getTaskInfo().getMaxNumberOfParallelSubtasks());
            state.writeCount(inFlight, getOperatorStateBackend());
        } else {
            state.writeUnkeyed(inFlight, getOperatorStateBackend());
        }
        if (control.isOfUse()) {
            control.snapshot(getOperatorStateBackend());
        }
    }

    @Override
    public void close() throws Exception {
        List<Thread> calling = runner == null ? List.of() : runner.close(CLOSE_PATIENCE_MILLIS);
        List<Thread> callingSecond = shadow == null ? calling : shadow.close(CLOSE_PATIENCE_MILLIS);
        if (functions != null) {
            functions.close(getOperatorName(), calling, callingSecond);
        }
        super.close();
    }

    /** Ours and the subtask: Flink would name the whole chain, which may hold several of us. */
    @Override
    protected String getOperatorName() {
        TaskInfo task = getRuntimeContext().getTaskInfo();
        return "%s (%d/%d)#%d"
                .formatted(
                        getOperatorConfig().getOperatorName(),
                        task.getIndexOfThisSubtask() + 1,
                        task.getNumberOfParallelSubtasks(),
                        task.getAttemptNumber());
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
        String route = null;
        long tokens;
        Lane lane;
        try {
            route = asked.route(value);
            tokens = asked.tokens(value);
            lane = Lane.of(second, route, settings.bucket(tokens));
        } catch (RuntimeException e) {
            // What becomes of it is the policy's to say, once its call has failed, too.
            tokens = 1;
            lane = Lane.ofUnreadable(second, route);
        }
        runner.add(
                new Entry<>(
                        value,
                        record.hasTimestamp(),
                        record.hasTimestamp() ? record.getTimestamp() : 0,
                        key,
                        lane,
                        tokens,
                        System.nanoTime(),
                        runner.deadlineMillis()));
    }

    /** On any thread: lets the task's thread do something. */
    private void post(ThrowingRunnable<Exception> mail) {
        try {
            mailbox.execute(() -> runUnlessStopped(mail), "news from a model");
        } catch (RejectedExecutionException e) {
            LOG.debug("{}: the task has ended, a result is dropped", getOperatorName());
        }
    }

    private void runUnlessStopped(ThrowingRunnable<Exception> mail) throws Exception {
        if (!stopped) {
            mail.run();
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
