/**
 * Workloads that the command line's {@code bench} and the JMH benchmarks share: programs with
 * seeded weights, what a comparison gives, and how time grows with size. Reached through {@code
 * backend} only; nothing of the engine depends on it. Comparisons themselves are timed by JMH, in
 * {@code src/jmh}.
 */
package org.flinksigmoid.kernels.bench;
