package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import java.time.Duration;
import java.util.function.Predicate;

/**
 * Which failed calls are repeated, how often, and after what pause. The pause holds back only the
 * failed batch; others go on.
 *
 * @param maxAttempts calls in all, 1 or more; 1 never retries
 * @param backoff pause before the second call
 * @param multiplier factor from pause to pause, 1 or more
 * @param maxBackoff longest pause
 * @param retryable whether a failure may pass if the same records are tried again
 */
public record RetryPolicy(
        int maxAttempts,
        Duration backoff,
        double multiplier,
        Duration maxBackoff,
        Retryable retryable)
        implements Serializable {

    /** Decides whether a failure is worth another try. */
    public interface Retryable extends Predicate<Exception>, Serializable {}

    /** Checks the fields. */
    public RetryPolicy {
        if (maxAttempts < 1) {
            throw new IllegalArgumentException(
                    InferenceOptions.MAX_ATTEMPTS.key()
                            + ": expected 1 or more, found "
                            + maxAttempts);
        }
        if (backoff.isNegative()) {
            throw new IllegalArgumentException(
                    InferenceOptions.RETRY_BACKOFF.key()
                            + ": expected 0 or more, found "
                            + backoff);
        }
        if (maxBackoff.compareTo(backoff) < 0) {
            throw new IllegalArgumentException(
                    "maxBackoff: expected at least the backoff %s, found %s"
                            .formatted(backoff, maxBackoff));
        }
        backoff = InferenceSettings.bounded(backoff);
        maxBackoff = InferenceSettings.bounded(maxBackoff);
        if (!(multiplier >= 1)) {
            throw new IllegalArgumentException(
                    "multiplier: expected 1 or more, found " + multiplier);
        }
    }

    /** No second call. */
    public static RetryPolicy never() {
        return new RetryPolicy(1, Duration.ZERO, 1, Duration.ZERO, e -> false);
    }

    /**
     * Repeats everything but {@link IllegalArgumentException}, which blames the input, with pauses
     * that double up to 10 s.
     *
     * @param maxAttempts calls in all
     * @param backoff first pause
     */
    public static RetryPolicy exponential(int maxAttempts, Duration backoff) {
        Duration longest = Duration.ofSeconds(10);
        return new RetryPolicy(
                maxAttempts,
                backoff,
                2,
                backoff.compareTo(longest) > 0 ? backoff : longest,
                e -> !(e instanceof IllegalArgumentException));
    }

    /** The same policy with another number of calls. */
    public RetryPolicy withMaxAttempts(int calls) {
        return new RetryPolicy(calls, backoff, multiplier, maxBackoff, retryable);
    }

    /** The same policy with another first pause; the longest is at least as long. */
    public RetryPolicy withBackoff(Duration first) {
        Duration longest = first.compareTo(maxBackoff) > 0 ? first : maxBackoff;
        return new RetryPolicy(maxAttempts, first, multiplier, longest, retryable);
    }

    /**
     * Pause after so many failed calls.
     *
     * @param failures 1 or more
     */
    public Duration pauseAfter(int failures) {
        double millis = backoff.toMillis() * Math.pow(multiplier, failures - 1.0);
        return Duration.ofMillis((long) Math.min(millis, maxBackoff.toMillis()));
    }
}
