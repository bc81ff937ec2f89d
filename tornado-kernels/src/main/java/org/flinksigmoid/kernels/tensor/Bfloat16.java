package org.flinksigmoid.kernels.tensor;

/** Brain floating point: the upper half of a binary32, 8 bits of exponent, 8 of precision. */
public final class Bfloat16 {
    private Bfloat16() {}

    /**
     * The nearest, ties to even: a relative error of at most {@code 2^-8 / (1 + 2^-8)}, half a unit
     * of the last of 8 bits, where the value is neither subnormal nor rounds to infinity. A NaN
     * stays one.
     */
    public static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        if (Float.isNaN(value)) {
            return (short) (bits >>> 16 | 0x40);
        }
        return (short) (bits + 0x7FFF + (bits >>> 16 & 1) >>> 16);
    }

    /** The value, exactly. */
    public static float toFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
