package org.flinksigmoid.pipelines.cli;

import org.flinksigmoid.kernels.backend.BackendOptions;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number between two bounds, both allowed; anything else is wrong usage. */
abstract class WholeNumber implements ITypeConverter<Integer> {
    private final int least;
    private final int most;

    private WholeNumber(int least, int most) {
        this.least = least;
        this.most = most;
    }

    @Override
    public final Integer convert(String text) {
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below, as of any other number that is none of these
        }
        throw new TypeConversionException(
                "expected %d to %d, found %s".formatted(least, most, text));
    }

    /** CPU threads. */
    static final class Threads extends WholeNumber {
        Threads() {
            super(1, BackendOptions.MOST_THREADS);
        }
    }

    /** Subtasks of an operator, slots of a process, processes: each has threads and buffers. */
    static final class Parallel extends WholeNumber {
        static final int MOST = 128;

        Parallel() {
            super(1, MOST);
        }
    }

    /** Indices, counted from 0. */
    static final class Index extends WholeNumber {
        Index() {
            super(0, Integer.MAX_VALUE);
        }
    }

    /** Ports of TCP. */
    static final class Port extends WholeNumber {
        Port() {
            super(1, 65_535);
        }
    }

    /** How many or how long, at least 1. */
    static final class Positive extends WholeNumber {
        Positive() {
            super(1, Integer.MAX_VALUE);
        }
    }
}
