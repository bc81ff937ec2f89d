package org.flinksigmoid.kernels.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * A named, immutable, row-major tensor over little-endian memory that somebody else owns (a mapped
 * checkpoint, say): valid as long as its segment is alive, readable by many threads at once.
 *
 * @param name its name in the checkpoint, for error messages
 * @param type element type
 * @param shape dimensions, outermost first
 * @param data exactly {@code shape.elements() * type.bytes()} bytes
 */
public record Tensor(String name, DType type, Shape shape, MemorySegment data) {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int PART = 4096;

    public Tensor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(shape, "shape");
        long expected = Math.multiplyExact(shape.elements(), (long) type.bytes());
        if (data.byteSize() != expected) {
            throw new IllegalArgumentException(
                    "%s: expected %d bytes for %s %s, found %d"
                            .formatted(name, expected, type, shape, data.byteSize()));
        }
    }

    /** A tensor over a copy of {@code values}, of type F32. */
    public static Tensor ofFloats(String name, Shape shape, float... values) {
        MemorySegment data = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 4)]);
        MemorySegment.copy(values, 0, data, FLOAT, 0, values.length);
        return new Tensor(name, DType.F32, shape, data);
    }

    /** A tensor over a copy of doubles, little-endian, rounded to type F32. */
    public static Tensor ofDoubles(String name, Shape shape, MemorySegment data) {
        float[] values = new float[Math.toIntExact(shape.elements())];
        double[] part = new double[Math.min(PART, values.length)];
        for (int from = 0; from < values.length; from += PART) {
            int count = Math.min(PART, values.length - from);
            MemorySegment.copy(data, DOUBLE, (long) Double.BYTES * from, part, 0, count);
            for (int i = 0; i < count; i++) {
                values[from + i] = (float) part[i];
            }
        }
        return ofFloats(name, shape, values);
    }

    /**
     * All elements, converted to float, in a new array.
     *
     * @throws ArithmeticException if there are more than an array can hold
     */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(shape.elements())];
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
            case F16, BF16 -> widen(values);
        }
        return values;
    }

    /**
     * Copied in parts before it is converted: a loop over an array is a few bytecodes, one over a
     * segment is fifty calls an element until it is compiled, and a model is read once.
     */
    private void widen(float[] values) {
        short[] part = new short[Math.min(PART, values.length)];
        for (int from = 0; from < values.length; from += PART) {
            int count = Math.min(PART, values.length - from);
            MemorySegment.copy(data, SHORT, 2L * from, part, 0, count);
            if (type == DType.F16) {
                widenHalves(part, count, values, from);
            } else {
                widenBrainFloats(part, count, values, from);
            }
        }
    }

    private static void widenHalves(short[] part, int count, float[] values, int from) {
        for (int i = 0; i < count; i++) {
            values[from + i] = Float.float16ToFloat(part[i]);
        }
    }

    private static void widenBrainFloats(short[] part, int count, float[] values, int from) {
        for (int i = 0; i < count; i++) {
            values[from + i] = Float.intBitsToFloat(part[i] << 16);
        }
    }

    /** As {@code head.weight F32 [11, 144]}. */
    @Override
    public String toString() {
        return name + " " + type + " " + shape;
    }
}
