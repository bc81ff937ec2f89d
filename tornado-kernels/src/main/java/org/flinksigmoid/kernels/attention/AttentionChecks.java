package org.flinksigmoid.kernels.attention;

/** What every mechanism's constants must satisfy. */
final class AttentionChecks {
    private AttentionChecks() {}

    static void requireValid(int heads, int headDim, float scale, Mask mask) {
        if (heads < 1) {
            throw new IllegalArgumentException("heads: expected >= 1, found " + heads);
        }
        if (headDim < 1) {
            throw new IllegalArgumentException("head dimension: expected >= 1, found " + headDim);
        }
        if (!Float.isFinite(scale)) {
            throw new IllegalArgumentException("scale: expected a finite number, found " + scale);
        }
        if (mask == null) {
            throw new IllegalArgumentException("mask: expected a mask, found none");
        }
    }
}
