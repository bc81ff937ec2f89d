/**
 * Workloads that the command line's {@code bench} and the JMH benchmarks share: programs with
 * seeded weights, and a stopwatch that alternates between two contenders. Reached through {@code
 * backend} only; nothing of the engine depends on it.
 */
package org.flinksigmoid.kernels.bench;
