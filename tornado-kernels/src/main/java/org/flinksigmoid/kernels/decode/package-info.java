/**
 * From CTC log-probabilities to text with times: greedy and prefix beam search, and the carry-over
 * that joins a stream's overlapping windows. Depends on {@code tensor} at most.
 */
package org.flinksigmoid.kernels.decode;
