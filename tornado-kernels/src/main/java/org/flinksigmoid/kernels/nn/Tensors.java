package org.flinksigmoid.kernels.nn;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;
import org.flinksigmoid.kernels.tensor.Tensor;

/** Tensors made of other tensors while a model loads. */
final class Tensors {
    private Tensors() {}

    /** Tensors that agree in all dimensions but the first, one below the other. */
    static Tensor concatenateRows(String name, List<Tensor> parts) {
        DType type = parts.getFirst().type();
        if (parts.stream().anyMatch(part -> part.type() != type)) {
            return concatenateRows(name, parts.stream().map(Tensors::toF32).toList());
        }
        long rows = 0;
        long bytes = 0;
        for (Tensor part : parts) {
            rows += part.shape().dimension(0);
            bytes += part.data().byteSize();
        }
        MemorySegment data = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
        long offset = 0;
        for (Tensor part : parts) {
            MemorySegment.copy(part.data(), 0, data, offset, part.data().byteSize());
            offset += part.data().byteSize();
        }
        return new Tensor(name, type, withRows(parts.getFirst().shape(), rows), data);
    }

    /** Every element times {@code factor}, as F32. */
    static Tensor scale(Tensor tensor, float factor) {
        float[] values = tensor.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] *= factor;
        }
        return Tensor.ofFloats(tensor.name(), tensor.shape(), values);
    }

    /** {@code table[r] + row} for each row of the table, as F32. */
    static Tensor addToRows(Tensor table, float[] row) {
        float[] values = table.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] += row[i % row.length];
        }
        return Tensor.ofFloats(table.name(), table.shape(), values);
    }

    /** A view of the rows behind the first {@code count} ones. */
    static Tensor withoutRows(Tensor table, int count) {
        Shape shape = withRows(table.shape(), table.shape().dimension(0) - count);
        long bytes = shape.elements() * table.type().bytes();
        long from = table.data().byteSize() - bytes;
        return new Tensor(table.name(), table.type(), shape, table.data().asSlice(from));
    }

    /**
     * {@code [positions, width]}: sines of {@code p 10000^(-2j/width)} in the first half of the
     * columns, cosines in the second (Vaswani et al., arXiv 1706.03762, halves instead of pairs).
     */
    static Tensor sinusoids(int positions, int width) {
        float[] values = new float[Math.multiplyExact(positions, width)];
        int half = width / 2;
        for (int j = 0; j < half; j++) {
            double rate = Math.pow(10_000, -2.0 * j / width);
            for (int p = 0; p < positions; p++) {
                values[p * width + j] = (float) Math.sin(p * rate);
                values[p * width + half + j] = (float) Math.cos(p * rate);
            }
        }
        return Tensor.ofFloats("sinusoidal positions", Shape.of(positions, width), values);
    }

    private static Tensor toF32(Tensor tensor) {
        return tensor.type() == DType.F32
                ? tensor
                : Tensor.ofFloats(tensor.name(), tensor.shape(), tensor.toFloats());
    }

    private static Shape withRows(Shape shape, long rows) {
        long[] dimensions = new long[shape.rank()];
        for (int axis = 0; axis < dimensions.length; axis++) {
            dimensions[axis] = axis == 0 ? rows : shape.dimension(axis);
        }
        return Shape.of(dimensions);
    }
}
