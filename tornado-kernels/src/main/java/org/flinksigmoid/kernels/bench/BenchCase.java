package org.flinksigmoid.kernels.bench;

import java.util.function.Supplier;

/**
 * A comparison that can be made.
 *
 * @param work what will run, as the comparison's name says
 * @param measure prepares, compares the results, then times
 */
public record BenchCase(String work, Supplier<Comparison> measure) {}
