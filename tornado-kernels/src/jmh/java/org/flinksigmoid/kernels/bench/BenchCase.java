package org.flinksigmoid.kernels.bench;

import java.util.function.Supplier;

/**
 * A row that can be measured.
 *
 * @param work what will run
 * @param against what it is compared with
 * @param prepare makes the operands and compares the results
 */
public record BenchCase(String work, String against, Supplier<Contest> prepare) {
    /** Tells the row from all others. */
    public String name() {
        return work + " / " + against;
    }
}
