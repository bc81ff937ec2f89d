package org.flinksigmoid.kernels.decode;

/**
 * One word of a transcript.
 *
 * @param text never empty, without blanks
 * @param startStep encoder step where it begins
 * @param endStep first step after it
 */
public record CtcWord(String text, long startStep, long endStep) {}
