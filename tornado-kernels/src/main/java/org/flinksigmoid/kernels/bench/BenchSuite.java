package org.flinksigmoid.kernels.bench;

import java.util.List;

/**
 * Comparisons that need more than the library has: other engines, or forms of our own that only
 * serve to be beaten. Found through {@link java.util.ServiceLoader} where they are on the class
 * path, as the command line puts them there for {@code bench cpu}.
 */
public interface BenchSuite {
    /**
     * All comparisons, results compared before anything is timed.
     *
     * @param threads CPU threads, on both sides, where a comparison doesn't name its own number
     */
    List<BenchCase> cases(int threads);
}
