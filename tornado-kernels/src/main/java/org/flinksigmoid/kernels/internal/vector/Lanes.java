package org.flinksigmoid.kernels.internal.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** The vector width of this JVM, chosen once, and the tile sizes that follow from it. */
final class Lanes {
    /** The widest float vector of this machine (or of {@code -XX:MaxVectorSize}). */
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    /** As many ints. */
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;

    /** Floats of a vector. */
    static final int LENGTH = FLOATS.length();

    /** Rows of a {@link Panels panel}: two vectors. */
    static final int PANEL = 2 * LENGTH;

    /**
     * Outputs that a long {@link Tiles tile} computes for each row of a panel: the accumulators,
     * the two vectors of the panel and a broadcast weight have to fit the registers, 32 with
     * AVX-512 and NEON, 16 with AVX2 and SSE.
     */
    static final int LONG_TILE = hasManyRegisters() ? 12 : 6;

    /** Outputs of a short tile, for what long ones leave over ({@link Tiling}). */
    static final int TILE = hasManyRegisters() ? 8 : 6;

    /** Whether a fence that keeps loads behind it is no instruction, as on x86. */
    static final boolean FREE_FENCES = !System.getProperty("os.arch").equals("aarch64");

    /** Whether a product takes a processor's units two cycles. */
    static final boolean HALVED = FLOATS.vectorBitSize() == 512 && Processor.halvesLongVectors();

    private Lanes() {}

    private static boolean hasManyRegisters() {
        return FLOATS.vectorBitSize() >= 512 || System.getProperty("os.arch").equals("aarch64");
    }

    /** {@code ceil(count / size)}. */
    static int blocks(int count, int size) {
        return (count + size - 1) / size;
    }
}
