package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.flinksigmoid.operators.metrics.ModelStatus;

/**
 * What runs on a batch. One instance a subtask: opened and closed on the task's thread (inside
 * {@link Models} or a {@link CircuitBreaker}, and behind a call that outlives the task, on
 * another), called on a device thread, one call at a time unless {@code concurrency} is raised, in
 * which case {@link #infer} must be thread-safe. With an inference timeout set, a call that ignores
 * interrupts may still be running when the next one begins.
 *
 * <p>The result for a record must not depend on the batch it came in: after a failure the same
 * records run again in other company.
 *
 * @param <I> input record; the function must not change it
 * @param <O> result
 */
public interface InferenceFunction<I, O> extends Serializable {
    /**
     * Called once before the first batch; loads the model.
     *
     * @param context the operator's context
     */
    default void open(RuntimeContext context) throws Exception {}

    /**
     * Results for a batch.
     *
     * @param batch 1 or more records, in order of arrival
     * @return one result per record, in the same order, none of them null; the list is read later,
     *     by another thread, so the next call must not fill it again
     * @throws InvalidRecordException if a record of the batch is to blame; costs no bisection
     * @throws Exception if the batch failed: retried, bisected or given up as configured
     */
    List<O> infer(List<I> batch) throws Exception;

    /**
     * Size of a record in tokens (frames, characters), for batches limited by tokens. Called by the
     * task's thread, also while a call runs. A record for which this or {@link #route} throws
     * counts 1 token and shares batches only with others of its kind: whether it fails is for its
     * call to say.
     */
    default long tokens(I record) {
        return 1;
    }

    /**
     * What the records of a batch must have in common, such as the name of their model: only
     * records of equal routes share a batch. Called by the task's thread, also while a call runs.
     */
    default String route(I record) {
        return "";
    }

    /** What metrics show of the model; called by any thread between open and close. */
    default ModelStatus status() {
        return ModelStatus.NONE;
    }

    /** Called once after the last batch; frees the model. What it throws is only logged. */
    default void close() throws Exception {}
}
