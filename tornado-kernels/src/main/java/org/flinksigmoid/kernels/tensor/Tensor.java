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
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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

    /**
     * All elements, converted to float, in a new array.
     *
     * @throws ArithmeticException if there are more than an array can hold
     */
    public float[] toFloats() {
        float[] values = new float[Math.toIntExact(shape.elements())];
        switch (type) {
            case F32 -> MemorySegment.copy(data, FLOAT, 0, values, 0, values.length);
            case F16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.float16ToFloat(data.get(SHORT, 2L * i));
                }
            }
            case BF16 -> {
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.intBitsToFloat(data.get(SHORT, 2L * i) << 16);
                }
            }
        }
        return values;
    }

    /** As {@code head.weight F32 [11, 144]}. */
    @Override
    public String toString() {
        return name + " " + type + " " + shape;
    }
}
