package org.flinksigmoid.operators.inference;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;
import org.apache.flink.util.function.ThrowingRunnable;
import org.flinksigmoid.operators.metrics.BatchSpans;
import org.flinksigmoid.operators.metrics.InferenceMetrics;

/**
 * From waiting records to their outcomes: forms batches as the device can take them, has them
 * called, tries failed ones again or cuts them up, and tells {@link InFlight} what became of each
 * record. The task's thread only.
 */
final class BatchRunner<I, O> {
    private final Functions<I, O> functions;
    private final InFlight<I, O> inFlight;
    private final InferenceMetrics metrics;
    private final BatchSpans spans;
    private final ProcessingTimeService time;
    private final Mail mail;
    private final Batcher<I, O> batcher;
    private final Deque<Batch<I, O>> again = new ArrayDeque<>();
    private final Calls<I, O> calls;
    private final Recovery<I, O> recovery;

    /** Null if the limits are fixed. */
    private final BatchSizeController controller;

    /** Told of batches that went well. */
    private final Consumer<Batch<I, O>> answered;

    private final long lingerMillis;
    private int maxInFlight;
    private long lingerTimer = Long.MAX_VALUE;
    private boolean flushing;

    /** What processing time said last, and how far it has been put back in all. */
    private long lastMillis;

    private long behindMillis;

    /** Lets the task's thread do something; called by any thread. */
    interface Mail {
        void post(ThrowingRunnable<Exception> mail);
    }

    /**
     * @param operator its name
     * @param functions opened
     * @param inFlight records that have not left; this adds to it
     * @param time the operator's timers
     * @param mail brings outcomes to the task's thread
     * @param answered told of every batch that went well
     * @param classLoader context class loader of the device threads
     */
    BatchRunner(
            String operator,
            InferenceSettings settings,
            Functions<I, O> functions,
            InFlight<I, O> inFlight,
            InferenceMetrics metrics,
            BatchSpans spans,
            ProcessingTimeService time,
            Mail mail,
            Consumer<Batch<I, O>> answered,
            ClassLoader classLoader) {
        this.functions = functions;
        this.inFlight = inFlight;
        this.metrics = metrics;
        this.spans = spans;
        this.time = time;
        this.mail = mail;
        this.answered = answered;
        this.lingerMillis = settings.linger().toMillis();
        this.batcher = new Batcher<>(settings.maxBatchSize(), settings.maxBatchTokens());
        this.recovery = new Recovery<>(settings.onFailure(), settings.retry(), operator);
        this.calls =
                new Calls<>(
                        operator,
                        settings,
                        time,
                        call -> mail.post(() -> over(call)),
                        this::timedOut,
                        classLoader);
        this.maxInFlight = settings.maxInFlight();
        this.controller = controller(settings);
        if (controller != null) {
            applyLimits();
        }
    }

    private static BatchSizeController controller(InferenceSettings settings) {
        return settings.latencyTarget().isZero()
                ? null
                : new BatchSizeController(
                        settings.latencyTarget().toNanos(),
                        settings.maxBatchSize(),
                        settings.maxInFlight(),
                        settings.concurrency());
    }

    /** Takes a record in; {@link #dispatch} lets it run. */
    void add(Entry<I, O> entry) {
        inFlight.add(entry);
        batcher.add(entry);
        metrics.accepted();
    }

    /** Records that no batch has taken yet. */
    int waiting() {
        return batcher.size();
    }

    /** Calls that run or wait to run. */
    int callsOut() {
        return calls.out();
    }

    /** Most records in flight before the input waits. */
    int maxInFlight() {
        return maxInFlight;
    }

    /** When a record that comes now should wait no longer, by {@link #now}. */
    long deadlineMillis() {
        return now() + lingerMillis;
    }

    /** From now on nobody waits for company. */
    void flush() throws Exception {
        flushing = true;
        dispatch();
    }

    /** A record has left, that long after it came in. */
    void emitted(long latencyNanos) {
        if (controller != null && controller.emitted(latencyNanos)) {
            applyLimits();
        }
    }

    private void applyLimits() {
        batcher.maxSize(controller.batchSize());
        maxInFlight = controller.inFlight();
    }

    /** Processing time, but for this: where that is put back, it goes on. */
    private long now() {
        long millis = time.getCurrentProcessingTime();
        behindMillis += Math.max(0, lastMillis - millis);
        lastMillis = millis;
        return millis + behindMillis;
    }

    /** Gives the device what is ripe, as far as it can take it, and sets the timer for the rest. */
    void dispatch() {
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
        metrics.dispatched(batch.size(), batch.tokens(), System.nanoTime() - oldest.arrivedNanos);
        if (controller != null) {
            controller.dispatched(batch.size());
        }
    }

    private void startLingerTimer(long deadline) {
        if (deadline < lingerTimer) { // MAX_VALUE: nobody waits
            lingerTimer = deadline;
            time.registerTimer(
                    deadline - behindMillis,
                    at -> {
                        lingerTimer = Long.MAX_VALUE;
                        dispatch();
                    });
        }
    }

    private void submit(Batch<I, O> batch) {
        calls.submit(batch, functions.of(batch.lane().second()));
    }

    /** As a letter like that of a call that has ended, so that it counts where that would. */
    private void timedOut(Batch<I, O> batch, TimeoutException timeout) {
        mail.post(
                () -> {
                    metrics.timedOut();
                    failed(batch, timeout);
                    dispatch();
                });
    }

    private void over(Call<I, O> call) throws Exception {
        if (!calls.isOver(call)) {
            return;
        }
        Exception failure = call.failureOrWrongResults();
        span(call, failure);
        if (call.batch.failures() == 0 && !call.batch.part()) {
            for (Entry<I, O> entry : call.batch.entries()) {
                metrics.waited(call.startedNanos - entry.arrivedNanos);
            }
        }
        if (failure == null) {
            metrics.succeeded(call.durationNanos);
            answered.accept(call.batch);
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
        metrics.failed();
        for (Entry<I, O> entry : batch.entries()) {
            entry.attempts++;
        }
        switch (recovery.decide(batch, failure)) {
            case Recovery.Step.Retry<I, O> retry -> {
                metrics.retried();
                time.registerTimer(
                        time.getCurrentProcessingTime() + retry.pauseMillis(),
                        at -> {
                            again.add(retry.batch());
                            dispatch();
                        });
            }
            case Recovery.Step.Split<I, O> split -> {
                metrics.bisected();
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

    /** Stops the threads; see {@link DeviceThreads#close}. */
    List<Thread> close(long patienceMillis) {
        return calls.close(patienceMillis);
    }
}
