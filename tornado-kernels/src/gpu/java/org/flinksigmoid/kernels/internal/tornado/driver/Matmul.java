package org.flinksigmoid.kernels.internal.tornado.driver;

/**
 * {@code out = act(in weight^T + bias)}, or {@code out += in weight^T + bias}, with float sums, in
 * O(rows in out) time: on Tensor Cores where {@code in} is fp16. Everything starts at a multiple of
 * 256 bytes.
 *
 * @param rows rows of {@code in} and {@code out}
 * @param inWidth elements of a row of {@code in} that count
 * @param outWidth elements of a row of {@code out}
 * @param inStride elements from a row of {@code in} to the next
 * @param outStride the same of {@code out}
 * @param epilogue what is done to the sums
 * @param accumulate whether they are added to {@code out}
 * @param types what the operands' elements are
 */
public record Matmul(
        int rows,
        int inWidth,
        int outWidth,
        int inStride,
        int outStride,
        Epilogue epilogue,
        boolean accumulate,
        Types types) {
    /** What operands' elements are. */
    public enum Types {
        /** All fp16. */
        HALVES(false, false),
        /** {@code in} and {@code weight} fp16, {@code out} and {@code bias} float. */
        HALVES_TO_FLOATS(false, true),
        /** All float. */
        FLOATS(true, true);

        private final boolean floatsIn;
        private final boolean floatsOut;

        Types(boolean floatsIn, boolean floatsOut) {
            this.floatsIn = floatsIn;
            this.floatsOut = floatsOut;
        }

        boolean floatsIn() {
            return floatsIn;
        }

        boolean floatsOut() {
            return floatsOut;
        }
    }

    /** What follows the sums; the codes are cuBLASLt's. */
    public enum Epilogue {
        /** The bias. */
        BIAS(4),
        /** The bias, then {@code max(x, 0)}. */
        RELU(6),
        /** The bias, then GELU's tanh form. */
        GELU(36);

        private final int code;

        Epilogue(int code) {
            this.code = code;
        }

        int code() {
            return code;
        }
    }

    /**
     * Where a product's operands lie: device addresses of first elements.
     *
     * @param weight {@code [outWidth, inWidth]}, dense
     * @param in {@code [rows, inStride]}
     * @param out {@code [rows, outStride]}
     * @param bias {@code [outWidth]}
     */
    public record Operands(long weight, long in, long out, long bias) {}
}
