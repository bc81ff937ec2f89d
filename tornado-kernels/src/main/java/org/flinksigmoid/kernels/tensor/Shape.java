package org.flinksigmoid.kernels.tensor;

import java.util.Arrays;

/** Dimensions of a row-major tensor, outermost first; a scalar has none. Immutable. */
public final class Shape {
    private final long[] dimensions;

    private Shape(long[] dimensions) {
        this.dimensions = dimensions;
    }

    /**
     * A shape of the given dimensions.
     *
     * @throws IllegalArgumentException if a dimension is negative or the element count overflows
     */
    public static Shape of(long... dimensions) {
        long[] copy = dimensions.clone();
        long elements = 1;
        for (long dimension : copy) {
            if (dimension < 0) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(copy) + ": a dimension is negative");
            }
            try {
                elements = Math.multiplyExact(elements, dimension);
            } catch (ArithmeticException e) {
                throw new IllegalArgumentException(
                        "shape " + Arrays.toString(copy) + ": more than 2^63-1 elements", e);
            }
        }
        return new Shape(copy);
    }

    /** Number of dimensions. */
    public int rank() {
        return dimensions.length;
    }

    /** Size of dimension {@code axis}, counted from the outermost. */
    public long dimension(int axis) {
        return dimensions[axis];
    }

    /** Product of all dimensions; 1 for a scalar. */
    public long elements() {
        long elements = 1;
        for (long dimension : dimensions) {
            elements *= dimension;
        }
        return elements;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Shape shape && Arrays.equals(dimensions, shape.dimensions);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(dimensions);
    }

    /** As {@code [256, 64]}. */
    @Override
    public String toString() {
        return Arrays.toString(dimensions);
    }
}
