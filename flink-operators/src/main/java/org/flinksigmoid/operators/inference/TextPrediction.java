package org.flinksigmoid.operators.inference;

import java.util.List;

/**
 * What a text model says of one text.
 *
 * @param label the best class; empty for a score without a name and for an embedding
 * @param score probability of that class, or the score; 0 for an embedding
 * @param labels the model's labels; empty for a score without a name and for an embedding
 * @param scores a probability per class, in the order of the labels; the one score; or the
 *     embedding. The receiver's own
 * @param modelVersion version of the checkpoint that was asked
 */
public record TextPrediction(
        String label, float score, List<String> labels, float[] scores, String modelVersion) {
    /**
     * Probability of a class, whether it is the best one or not.
     *
     * @throws IllegalArgumentException if the model has no such label
     */
    public float scoreOf(String name) {
        int at = labels.indexOf(name);
        if (at < 0) {
            throw new IllegalArgumentException(
                    "label: expected one of %s, found %s".formatted(labels, name));
        }
        return scores[at];
    }
}
