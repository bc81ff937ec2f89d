package org.flinksigmoid.operators.inference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.operators.Output;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.flinksigmoid.operators.metrics.InferenceMetrics;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The second model in shadow mode: it gets the batches that the first has answered, on a thread of
 * its own. Only the end of the input waits for it, as long as it answers: a batch that fails there
 * or comes while too many records wait is counted and forgotten, and what it has not answered is
 * not part of a checkpoint.
 */
final class Shadow<I, O> {
    private static final Logger LOG = LoggerFactory.getLogger(Shadow.class);

    private final SecondModel<I, O> model;
    private final DeviceThreads<I, O> thread;
    private final Output<StreamRecord<O>> output;
    private final int mostWaiting;
    private final boolean keyed;
    private final Counter records;
    private final Counter failures;
    private final Counter dropped;
    private final LogThrottle warnings = new LogThrottle();
    private int waiting;
    private long answers;
    private boolean givenUp;

    /**
     * @param model in shadow mode, opened
     * @param name of the thread
     * @param post hands a finished call over to the task's thread, which calls {@link #over}
     * @param mostWaiting records that may wait
     * @param keyed whether records have keys
     */
    Shadow(
            SecondModel<I, O> model,
            String name,
            Consumer<Call<I, O>> post,
            Output<StreamRecord<O>> output,
            int mostWaiting,
            boolean keyed,
            InferenceMetrics metrics,
            ClassLoader classLoader) {
        this.model = model;
        this.output = output;
        this.mostWaiting = mostWaiting;
        this.keyed = keyed;
        this.records = metrics.counter("shadowRecords");
        this.failures = metrics.counter("shadowFailures");
        this.dropped = metrics.counter("shadowDropped");
        this.thread = new DeviceThreads<>(name + " shadow", 1, post, classLoader);
    }

    /** Takes the records of its share. */
    void offer(Batch<I, O> batch) {
        Map<String, List<Entry<I, O>>> byRoute = new LinkedHashMap<>();
        for (Entry<I, O> entry : batch.entries()) {
            if (model.takes(keyed ? entry.key : entry.value)) {
                try {
                    String route = model.function().route(entry.value);
                    byRoute.computeIfAbsent(route, any -> new ArrayList<>()).add(entry);
                } catch (RuntimeException e) {
                    failures.inc();
                    warn("has no route for a record", e);
                }
            }
        }
        for (List<Entry<I, O>> entries : byRoute.values()) {
            if (waiting + entries.size() > mostWaiting) {
                dropped.inc(entries.size());
            } else {
                waiting += entries.size();
                thread.submit(new Call<>(new Batch<>(entries, 0, false), model.function()));
            }
        }
    }

    /** Sends the results of a call out; by the task's thread. */
    void over(Call<I, O> call) {
        if (givenUp) {
            return;
        }
        answers++;
        waiting -= call.batch.size();
        Exception failure = failure(call);
        if (failure != null) {
            failures.inc(call.batch.size());
            warn("failed on a batch of " + call.batch.size(), failure);
            return;
        }
        records.inc(call.batch.size());
        for (int i = 0; i < call.results.size(); i++) {
            output.collect(
                    model.results(),
                    Outlet.withTimestamp(
                            new StreamRecord<>(call.results.get(i)), call.batch.entries().get(i)));
        }
    }

    /**
     * Why a call failed, or null; what would fail the job as the first model's is a failure too.
     */
    private static Exception failure(Call<?, ?> call) {
        if (call.failure instanceof LinkageError error) {
            return new InferenceFailedException("the shadow model can't run", error);
        }
        try {
            return call.failureOrWrongResults();
        } catch (IllegalStateException e) {
            return e;
        }
    }

    private void warn(String what, Exception why) {
        warnings.due().ifPresent(more -> LOG.warn("The shadow model {}{}", what, more, why));
    }

    /** Calls that have ended, well or not. */
    long answers() {
        return answers;
    }

    /** Waits for nothing any more, unless more than so many calls have ended. */
    void giveUpUnlessBeyond(long before) {
        if (answers == before) {
            LOG.warn("The shadow model does not answer: {} records are left to it", waiting);
            givenUp = true;
            dropped.inc(waiting);
            waiting = 0;
        }
    }

    /** Whether nothing waits. */
    boolean isIdle() {
        return waiting == 0;
    }

    /** Stops its thread; see {@link DeviceThreads#close}. */
    List<Thread> close(long patienceMillis) {
        return thread.close(patienceMillis);
    }
}
