package org.flinksigmoid.operators.inference;

/**
 * What a text model says of one text.
 *
 * @param label the best class; empty for a score without a name and for an embedding
 * @param score probability of that class, or the score; 0 for an embedding
 * @param scores a probability per class, in the order of the model's labels; the one score; or the
 *     embedding
 * @param modelVersion version of the checkpoint that was asked
 */
public record TextPrediction(String label, float score, float[] scores, String modelVersion) {}
