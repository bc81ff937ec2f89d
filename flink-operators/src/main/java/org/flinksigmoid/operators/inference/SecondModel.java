package org.flinksigmoid.operators.inference;

import java.io.Serializable;
import java.util.Objects;
import org.apache.flink.util.MathUtils;
import org.apache.flink.util.OutputTag;

/**
 * A model beside the operator's own.
 *
 * @param mode what it is for
 * @param function runs it
 * @param share part of the keys it gets, above 0, at most 1; on a stream without keys, part of the
 *     records by their hash code
 * @param results side output of its results
 */
record SecondModel<I, O>(
        Mode mode, InferenceFunction<I, O> function, double share, OutputTag<O> results)
        implements Serializable {
    /** What a second model is for. */
    enum Mode {
        /** It answers instead of the first. */
        AB_TEST,
        /** It answers too, and nobody waits for it. */
        SHADOW
    }

    SecondModel {
        Objects.requireNonNull(function, "function");
        Objects.requireNonNull(results, "results");
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException(
                    "share of the second model: expected more than 0 and at most 1, found "
                            + share);
        }
    }

    /** Whether a key's records are among its share. */
    boolean takes(Object key) {
        return MathUtils.murmurHash(Objects.hashCode(key)) < share * (1L << 31);
    }
}
