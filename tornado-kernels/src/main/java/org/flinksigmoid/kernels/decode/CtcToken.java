package org.flinksigmoid.kernels.decode;

/**
 * One emitted label and the encoder steps that it was heard in.
 *
 * @param label id, never the blank
 * @param startStep first step
 * @param endStep first step after it
 */
public record CtcToken(int label, long startStep, long endStep) {}
