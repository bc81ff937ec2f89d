package org.flinksigmoid.operators.inference;

import java.util.List;
import java.util.concurrent.Future;

/**
 * One call of the function for one batch: run by a device thread, judged by the task's thread,
 * which the result is handed to through the mailbox.
 */
final class Call<I, O> {
    final Batch<I, O> batch;
    private final InferenceFunction<I, O> function;
    private final List<I> values;

    /** System.nanoTime() when the device began; 0 before. */
    volatile long startedNanos;

    /** Time in the function. */
    long durationNanos;

    /** Results, or null if the call failed. */
    List<O> results;

    /** Why the call failed, or null. */
    Throwable failure;

    /** Set by the task's thread when it waits no longer; what comes later is ignored. */
    boolean abandoned;

    /** The timer that watches the call, or null. */
    Future<?> watch;

    /** Set by the task's thread when it has seen the outcome. */
    boolean over;

    Call(Batch<I, O> batch, InferenceFunction<I, O> function) {
        this.batch = batch;
        this.function = function;
        this.values = batch.values();
    }

    /** Runs the function; the outcome is in the fields. */
    void run() {
        long start = System.nanoTime();
        startedNanos = start == 0 ? 1 : start;
        try {
            results = function.infer(values);
        } catch (Throwable t) { // an Error too belongs to the task, not to the device thread
            failure = t;
        }
        durationNanos = System.nanoTime() - start;
    }

    /**
     * Why the call failed, or null if there is one result for every record.
     *
     * @throws Error if the function threw one: the process can't be trusted, the task must fail
     * @throws IllegalStateException if the function returned too many or too few results
     */
    Exception failureOrWrongResults() {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof Exception exception) {
            return exception;
        }
        if (results == null || results.size() != values.size()) {
            throw new IllegalStateException(
                    "The inference function must return one result per record: expected %d, found %s"
                            .formatted(values.size(), results == null ? null : results.size()));
        }
        for (int i = 0; i < results.size(); i++) {
            if (results.get(i) == null) {
                return new InvalidRecordException(i, "the function returned no result for it");
            }
        }
        return null;
    }
}
