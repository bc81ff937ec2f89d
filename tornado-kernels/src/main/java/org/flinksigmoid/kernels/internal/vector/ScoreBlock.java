package org.flinksigmoid.kernels.internal.vector;

/**
 * One thread's scratch for a panel of queries and a block of keys: {@code scores [keys, PANEL]}, a
 * query a lane, at most 16 KB and so in L1, and what the {@link ScorePass passes} over it need. An
 * array of one element a query is indexed by lane.
 */
final class ScoreBlock {
    /** Stands for minus infinity where an infinity would make a NaN. */
    static final float LOWEST = -1e30f;

    /** Floats of the scores: 16 KB. */
    private static final int SCORES = 4096;

    /** Keys of a block: whole tiles. */
    static final int KEYS = SCORES / Lanes.PANEL / Lanes.TILE * Lanes.TILE;

    private static final int PANEL = Lanes.PANEL;

    /** The queries {@code [headDim, PANEL]}, times the logits' factor. */
    final float[] queries;

    final float[] scores = new float[KEYS * PANEL];

    /** The results {@code [headDim, PANEL]}, rows up to a whole tile. */
    final float[] sums;

    final int headDim;

    /** Each query's position in its sequence. */
    final float[] positions = new float[PANEL];

    /** First key that each query sees. */
    final int[] begins = new int[PANEL];

    /** One past the last key that each query sees. */
    final int[] ends = new int[PANEL];

    /** What the sigmoid adds to each query's logits. */
    final float[] offsets = new float[PANEL];

    /** The softmax's largest logit so far. */
    final float[] maxima = new float[PANEL];

    /** The softmax's denominator so far. */
    final float[] totals = new float[PANEL];

    /** What the softmax's last block multiplies earlier sums with. */
    final float[] factors = new float[PANEL];

    /** The sums of the block's weights. */
    final float[] blockTotals = new float[PANEL];

    final float[] zeros = new float[PANEL];

    /** First key of the block. */
    int key;

    /** Keys in the block. */
    int rows;

    /** ALiBi's slope of the head, in the scores' unit. */
    float slope;

    ScoreBlock(int headDim) {
        this.headDim = headDim;
        this.queries = new float[headDim * PANEL];
        this.sums = new float[Lanes.blocks(headDim, Lanes.TILE) * Lanes.TILE * PANEL];
    }
}
