package org.flinksigmoid.kernels.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;

/**
 * Comparisons with other engines, with forms of our own that only serve to be beaten and with the
 * processor's multiply-add rate, timed by JMH. None of that is part of the library: it is found
 * through {@link ServiceLoader} where it is on the class path, as the command line of a source tree
 * puts it there.
 */
public interface Comparisons {
    /** What belongs together. */
    enum Table {
        /** The vector backend against ONNX Runtime, the unfused form and the peak. */
        CPU,

        /** Narrow weights against floats; {@link WeightsWork} names the rows. */
        WEIGHTS
    }

    /** The comparisons, where there are any. */
    static Optional<Comparisons> find() {
        return ServiceLoader.load(Comparisons.class).findFirst();
    }

    /**
     * The rows' names: work and what it is compared with.
     *
     * @param threads CPU threads, on both sides, where a comparison doesn't name its own number
     */
    List<String> names(Table table, int threads);

    /**
     * Makes one, in JVMs of its own.
     *
     * @param name one of {@link #names} for the same table and threads
     * @param temporary a folder for temporary files, which the JVMs may leave some in
     * @throws IllegalStateException if results differ, or whatever else a JVM could not do
     */
    Comparison measure(Table table, int threads, String name, Path temporary);
}
