package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Optional;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.backend.Slot;

/** What a program computes with on the device. */
enum Arithmetic {
    /** Floats, on the portable kernels alone. */
    PORTABLE,
    /** Floats; matrix products are the library's. */
    FLOAT,
    /** fp16 on Tensor Cores, sums in float. */
    HALF;

    /** System property: one of these, in any case, for every program that it can serve. */
    static final String PROPERTY = "flinksigmoid.tornado.precision";

    /** Elements of all weights up to which floats cost little: launches take most of the time. */
    private static final long SMALL = 1 << 23;

    /**
     * A choice.
     *
     * @param because why it is not the fastest
     */
    record Choice(Arithmetic arithmetic, Optional<String> because) {}

    /**
     * What is asked for with {@link #PROPERTY}.
     *
     * @throws IllegalStateException if that is none of these
     */
    static Optional<Arithmetic> asked() {
        String asked = System.getProperty(PROPERTY, "");
        if (asked.isEmpty()) {
            return Optional.empty();
        }
        for (Arithmetic arithmetic : values()) {
            if (arithmetic.name().equalsIgnoreCase(asked)) {
                return Optional.of(arithmetic);
            }
        }
        throw new IllegalStateException(
                "-D%s: expected portable, float or half, found %s".formatted(PROPERTY, asked));
    }

    /**
     * What a program is to compute with.
     *
     * @param asked what it should, if it can
     * @param noTiles why there are no Tensor Cores to be had, if so
     */
    static Choice of(Program program, Optional<Arithmetic> asked, Optional<String> noTiles) {
        if (noTiles.isPresent()) {
            return new Choice(PORTABLE, noTiles);
        }
        if (asked.isPresent() && asked.get() != HALF) {
            return new Choice(asked.get(), Optional.of("-D" + PROPERTY + " says so"));
        }
        Optional<String> problem = new HalfForms(program).problem();
        if (problem.isEmpty() && asked.isEmpty() && wantsDigits(program)) {
            problem = Optional.of("it is small, and its log-probabilities want more than fp16");
        }
        return new Choice(problem.isPresent() ? FLOAT : HALF, problem);
    }

    /**
     * Whether a program gives each row's log-probabilities, which decoders add up, and is small.
     * They are of size 10 where fp16 rounds by 5e-3, and some inputs amplify what is rounded early:
     * over 200 files a recogniser of spoken digits was up to 4e-2 off.
     */
    private static boolean wantsDigits(Program program) {
        return program.ops().getLast() instanceof Op.RowFunction last
                && last.kind() == Op.RowKind.LOG_SOFTMAX
                && program.slot(last.out()).stage() != Slot.PER_SEQUENCE
                && program.ops().stream().mapToLong(Arithmetic::weights).sum() <= SMALL;
    }

    private static long weights(Op op) {
        return switch (op) {
            case Op.Linear linear -> linear.weight().shape().elements();
            case Op.Conv1d conv -> conv.weight().shape().elements();
            default -> 0;
        };
    }
}
