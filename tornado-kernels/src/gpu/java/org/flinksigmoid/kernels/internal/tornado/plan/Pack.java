package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.internal.tornado.kernels.HalfKernels;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.flinksigmoid.kernels.tensor.Tensor;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/** Parameters as the kernels want them, in memory that goes to the device. */
final class Pack {
    /** Stands where a kernel's option says that there is no such parameter. */
    static final FloatArray NONE = FloatArray.fromElements(0f);

    private Pack() {}

    static FloatArray floats(Tensor tensor) {
        return FloatArray.fromArray(tensor.toFloats());
    }

    /** A vector, or {@code width} times {@code otherwise} where there is none. */
    static FloatArray vector(Optional<Tensor> tensor, int width, float otherwise) {
        if (tensor.isPresent()) {
            return floats(tensor.get());
        }
        float[] values = new float[width];
        Arrays.fill(values, otherwise);
        return FloatArray.fromArray(values);
    }

    static FloatArray orNone(Optional<Tensor> tensor) {
        return tensor.map(Pack::floats).orElse(NONE);
    }

    /** {@code [out, in]} as {@code [in, out]}. */
    static FloatArray transposed(float[] weight, int out, int in) {
        FloatArray packed = new FloatArray(Math.multiplyExact(out, in));
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                packed.set(i * out + o, weight[o * in + i]);
            }
        }
        return packed;
    }

    /** {@code [out, in, taps]} as {@code [out, taps * in]}, taps outermost. */
    static float[] tapsFirst(float[] weight, int out, int in, int taps) {
        float[] packed = new float[weight.length];
        for (int o = 0; o < out; o++) {
            for (int i = 0; i < in; i++) {
                for (int t = 0; t < taps; t++) {
                    packed[(o * taps + t) * in + i] = weight[(o * in + i) * taps + t];
                }
            }
        }
        return packed;
    }

    /** {@code [positions, headDim]}: cosines of each position's angles, then sines. */
    static FloatArray turns(Program program, Op.Rotary op) {
        int stage = program.slot(op.slot()).stage();
        int positions = program.stages(RaggedBatch.ofLengths(program.maxRows())).get(stage).rows();
        int headDim = op.headDim();
        double theta = op.theta();
        int half = headDim / 2;
        FloatArray turns = new FloatArray(Math.multiplyExact(positions, headDim));
        for (int j = 0; j < half; j++) {
            double frequency = Math.pow(theta, -2.0 * j / headDim);
            for (int p = 0; p < positions; p++) {
                turns.set(p * headDim + j, (float) Math.cos(p * frequency));
                turns.set(p * headDim + half + j, (float) Math.sin(p * frequency));
            }
        }
        return turns;
    }

    /** Halves after their lead. */
    static HalfFloatArray halves(float[] values) {
        HalfFloatArray packed = new HalfFloatArray(HalfKernels.LEAD + values.length);
        for (int i = 0; i < values.length; i++) {
            packed.getSegment()
                    .setAtIndex(
                            ValueLayout.JAVA_SHORT,
                            HalfKernels.LEAD + i,
                            Float.floatToFloat16(values[i]));
        }
        return packed;
    }
}
