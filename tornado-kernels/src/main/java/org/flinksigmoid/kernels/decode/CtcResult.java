package org.flinksigmoid.kernels.decode;

import java.util.List;

/**
 * What a stream says at some moment.
 *
 * @param tokens in time order; steps counted from the stream's beginning
 * @param isFinal true: an utterance that will not change; false: what is heard so far of one that
 *     goes on
 */
public record CtcResult(List<CtcToken> tokens, boolean isFinal) {
    /** Copies the list. */
    public CtcResult {
        tokens = List.copyOf(tokens);
    }
}
