package org.flinksigmoid.kernels.bench;

import java.util.List;

/** Comparisons that go together; found through {@link java.util.ServiceLoader}. */
public interface BenchSuite {
    /** The table that the rows belong to. */
    Comparisons.Table table();

    /**
     * The rows, not yet prepared.
     *
     * @param threads CPU threads, on both sides, where a row doesn't name its own number
     */
    List<BenchCase> cases(int threads);
}
