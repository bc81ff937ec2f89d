package org.flinksigmoid.operators.types;

import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * A record that could not be processed, with the reason.
 *
 * @param original the record as it came in; null if that is what came in
 * @param reason what went wrong, causes included, in one line
 * @param attempts how often processing was tried since the job was last (re)started
 * @param <T> the record
 */
@TypeInfo(DeadLetterTypeInfo.Factory.class)
public record DeadLetter<T>(T original, String reason, int attempts) {
    /** Checks the fields. */
    public DeadLetter {
        Checks.notNull("DeadLetter.reason", reason);
        Checks.notNegative("DeadLetter.attempts", attempts);
    }
}
