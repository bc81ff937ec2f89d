package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.flinksigmoid.kernels.backend.Op;

/**
 * QK norms and rotations of one slot that follow each other, taken together: queries and keys are
 * read and written once.
 *
 * @param parts by the column they start at
 * @param end index of the first operation after them
 */
record HeadRun(int slot, int heads, int headDim, List<Part> parts, int end) {
    /**
     * What is done to the heads that start at a column: first the norm, then the rotation.
     *
     * @param theta of the rotation, if there is one
     */
    record Part(int column, Optional<Op.HeadNorm> norm, OptionalDouble theta) {
        /** Whether one kernel may do both. */
        boolean like(Part other) {
            return norm.map(Op.HeadNorm::eps).equals(other.norm.map(Op.HeadNorm::eps))
                    && theta.equals(other.theta);
        }
    }

    /** The run that starts at {@code index}, where a norm or a rotation is. */
    static HeadRun at(List<Op> ops, int index) {
        Part first = part(ops.get(index));
        HeadRun run =
                switch (ops.get(index)) {
                    case Op.HeadNorm op ->
                            new HeadRun(op.slot(), op.heads(), op.headDim(), List.of(first), 0);
                    case Op.Rotary op ->
                            new HeadRun(op.slot(), op.heads(), op.headDim(), List.of(first), 0);
                    case Op other -> throw new IllegalArgumentException("no head: " + other);
                };
        List<Part> parts = new ArrayList<>(run.parts);
        int end = index + 1;
        while (end < ops.size() && run.takes(ops.get(end)) && join(parts, ops.get(end))) {
            end++;
        }
        return new HeadRun(run.slot, run.heads, run.headDim, List.copyOf(parts), end);
    }

    private static Part part(Op op) {
        return switch (op) {
            case Op.HeadNorm norm ->
                    new Part(norm.column(), Optional.of(norm), OptionalDouble.empty());
            case Op.Rotary rotary ->
                    new Part(rotary.column(), Optional.empty(), OptionalDouble.of(rotary.theta()));
            case Op other -> throw new IllegalArgumentException("no head: " + other);
        };
    }

    private boolean takes(Op op) {
        return switch (op) {
            case Op.HeadNorm o -> o.slot() == slot && o.heads() == heads && o.headDim() == headDim;
            case Op.Rotary o -> o.slot() == slot && o.heads() == heads && o.headDim() == headDim;
            default -> false;
        };
    }

    /** Adds an operation to the part it belongs to; false if the part has done that already. */
    private static boolean join(List<Part> parts, Op op) {
        Part added = part(op);
        for (int i = 0; i < parts.size(); i++) {
            Part known = parts.get(i);
            if (known.column == added.column) {
                if (added.norm.isPresent() || known.theta.isPresent()) {
                    return false;
                }
                parts.set(i, new Part(known.column, known.norm, added.theta));
                return true;
            }
        }
        return parts.add(added);
    }

    /** Whether one kernel may do all parts: they are two or fewer, and done alike. */
    boolean alike() {
        return parts.size() <= 2 && parts.getLast().like(parts.getFirst());
    }
}
