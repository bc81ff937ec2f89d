package org.flinksigmoid.operators.inference;

import java.util.ArrayList;
import java.util.List;

/**
 * What to do with a batch whose call failed: try it again after a pause, cut it in two to find the
 * record to blame, or give a record up. A poisoned record among n is found in about 2 log2 n calls.
 *
 * <p>The parts of a batch are not retried until a single record is left; that one gets all its
 * retries, so that an outage during the search does not condemn healthy records.
 */
final class Recovery<I, O> {
    private final FailurePolicy policy;
    private final RetryPolicy retry;
    private final String operator;

    Recovery(FailurePolicy policy, RetryPolicy retry, String operator) {
        this.policy = policy;
        this.retry = retry;
        this.operator = operator;
    }

    /** The next step. */
    sealed interface Step<I, O> {
        /** Run the batch again, not before the pause is over. */
        record Retry<I, O>(Batch<I, O> batch, long pauseMillis) implements Step<I, O> {}

        /** Run the parts. */
        record Split<I, O>(List<Batch<I, O>> parts) implements Step<I, O> {}

        /** Give the record up and run the others, if there are any. */
        record GiveUp<I, O>(Entry<I, O> entry, String reason, Batch<I, O> others)
                implements Step<I, O> {}
    }

    /**
     * Decides on a failed batch.
     *
     * @throws InferenceFailedException if the job is to fail; always if the device is lost
     */
    Step<I, O> decide(Batch<I, O> batch, Exception failure) throws InferenceFailedException {
        if (DeviceLoss.in(failure)) { // else every record to come would be given up
            throw new InferenceFailedException(
                    "%s: the device is lost to this process, no record of the batch of %d is to blame: %s"
                            .formatted(operator, batch.size(), describe(failure)),
                    failure);
        }
        boolean blamed =
                failure instanceof InvalidRecordException invalid
                        && invalid.index() >= 0
                        && invalid.index() < batch.size();
        Batch<I, O> failed = batch.failedOnce();
        boolean worthwhile =
                !(failure instanceof InvalidRecordException) && retry.retryable().test(failure);
        boolean searching = batch.part() && batch.size() > 1;
        if (worthwhile && !searching && failed.failures() < retry.maxAttempts()) {
            return new Step.Retry<>(failed, retry.pauseAfter(failed.failures()).toMillis());
        }
        if (policy == FailurePolicy.FAIL) {
            throw new InferenceFailedException(
                    "%s: a batch of %d failed after %d call(s): %s"
                            .formatted(
                                    operator, batch.size(), failed.failures(), describe(failure)),
                    failure);
        }
        if (blamed) {
            return blame(batch, ((InvalidRecordException) failure).index(), failure);
        }
        if (batch.size() > 1) {
            int middle = batch.size() / 2;
            return new Step.Split<>(
                    List.of(batch.part(0, middle), batch.part(middle, batch.size())));
        }
        return blame(batch, 0, failure);
    }

    private Step<I, O> blame(Batch<I, O> batch, int index, Exception failure) {
        List<Entry<I, O>> others = new ArrayList<>(batch.entries());
        Entry<I, O> entry = others.remove(index);
        return new Step.GiveUp<>(entry, describe(failure), new Batch<>(others, 0, batch.part()));
    }

    /** The exception and its causes in one line; what one only repeats is not said again. */
    static String describe(Throwable failure) {
        StringBuilder text = new StringBuilder(told(failure));
        Throwable above = failure;
        for (int depth = 1; depth < 5 && above.getCause() != null; depth++) {
            Throwable cause = above.getCause();
            if (cause.getMessage() == null || !cause.getMessage().equals(above.getMessage())) {
                text.append("; caused by ").append(told(cause));
            }
            above = cause;
        }
        return text.toString();
    }

    private static String told(Throwable failure) {
        String name = failure.getClass().getSimpleName();
        return failure.getMessage() == null
                ? name
                : name + ": " + failure.getMessage().replaceAll("\\s+", " ");
    }
}
