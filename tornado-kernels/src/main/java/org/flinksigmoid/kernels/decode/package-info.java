/**
 * From CTC log-probabilities to text with times: the best label of each step, and the carry-over
 * that joins a stream's overlapping windows. Depends on {@code tensor} at most.
 */
package org.flinksigmoid.kernels.decode;
