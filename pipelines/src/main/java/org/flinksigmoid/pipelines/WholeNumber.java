package org.flinksigmoid.pipelines;

import org.flinksigmoid.kernels.backend.BackendOptions;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number between two bounds, both allowed; anything else is wrong usage. */
public abstract class WholeNumber implements ITypeConverter<Integer> {
    private final int least;
    private final int most;

    /** Both bounds are allowed. */
    protected WholeNumber(int least, int most) {
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
    public static final class Threads extends WholeNumber {
        /** Made by picocli. */
        public Threads() {
            super(1, BackendOptions.MOST_THREADS);
        }
    }

    /** Subtasks of an operator, slots of a process, processes: each has threads and buffers. */
    public static final class Parallel extends WholeNumber {
        private static final int MOST = 128;

        /** Made by picocli. */
        public Parallel() {
            super(1, MOST);
        }
    }

    /** Indices, counted from 0. */
    public static final class Index extends WholeNumber {
        /** Made by picocli. */
        public Index() {
            super(0, Integer.MAX_VALUE);
        }
    }

    /** Ports of TCP. */
    public static final class Port extends WholeNumber {
        /** Made by picocli. */
        public Port() {
            super(1, 65_535);
        }
    }

    /** Repetitions of a measurement, or the seconds that it takes. */
    public static final class Times extends WholeNumber {
        /** Made by picocli. */
        public Times() {
            super(1, 10_000);
        }
    }

    /** How many or how long, at least 1. */
    public static final class Positive extends WholeNumber {
        /** Made by picocli. */
        public Positive() {
            super(1, Integer.MAX_VALUE);
        }
    }
}
