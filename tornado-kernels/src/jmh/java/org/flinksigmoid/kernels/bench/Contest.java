package org.flinksigmoid.kernels.bench;

import java.util.List;
import java.util.function.Supplier;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.PeakRate;

/**
 * Two contenders for the same work, whose results agree, and the machine's limit.
 *
 * @param ours this library's
 * @param theirs the other's
 * @param limit multiply-adds as fast as the processor takes them, on as many threads
 * @param closing what to do in the end, in this order
 */
public record Contest(Contender ours, Contender theirs, Contender limit, List<Runnable> closing)
        implements AutoCloseable {
    /** The same work in two forms. */
    public Contest {
        closing = List.copyOf(closing);
    }

    /**
     * What takes part.
     *
     * @param call one call; what it returns depends on all of its work
     * @param operations floating point operations of the products of a call
     */
    public record Contender(Supplier<?> call, double operations) {}

    /** The contender that is the machine's limit, on the threads of a vector backend. */
    public static Contender limit(Backend backend) {
        if (backend instanceof PeakRate peak) {
            return new Contender(peak::runAtPeak, peak.operationsAtPeak());
        }
        throw new IllegalStateException("backend " + backend.name() + " shows no peak rate");
    }

    @Override
    public void close() {
        closing.forEach(Runnable::run);
    }
}
