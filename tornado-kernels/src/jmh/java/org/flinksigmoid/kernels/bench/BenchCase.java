package org.flinksigmoid.kernels.bench;

import java.util.function.Supplier;

/**
 * A row that can be measured.
 *
 * @param work what will run
 * @param against what it is compared with
 * @param jvms that measure it, one after the other
 * @param rounds in each JVM
 * @param prepare makes the operands and compares the results
 */
public record BenchCase(
        String work, String against, int jvms, int rounds, Supplier<Contest> prepare) {
    /** A row of two JVMs with five rounds each. */
    public BenchCase(String work, String against, Supplier<Contest> prepare) {
        this(work, against, 2, 5, prepare);
    }

    /** Tells the row from all others. */
    public String name() {
        return work + " / " + against;
    }
}
