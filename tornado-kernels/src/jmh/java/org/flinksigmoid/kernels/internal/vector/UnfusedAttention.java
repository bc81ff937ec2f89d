package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;

/**
 * What fused attention is measured against: one head's sigmoid attention as three sweeps over an
 * {@code n x n} matrix, each as fast as this package can make it (the same packed products, the
 * same polynomial). {@code b = -log n}.
 */
final class UnfusedAttention {
    private static final float[] NONE = {};
    private static final float[] ZEROS = new float[Lanes.TILE];

    private final int n;
    private final int headDim;
    private final float[] keys;
    private final float[] values;
    private final float[] queries;
    private final float[] scores;
    private final float[] out;
    private final float[] offsets = new float[Lanes.PANEL];

    UnfusedAttention(int n, int headDim) {
        this.n = n;
        this.headDim = headDim;
        Arrays.fill(offsets, (float) (Math.log(n) / Math.log(2)));
        this.keys = new float[Lanes.blocks(n, Lanes.TILE) * Lanes.TILE * headDim];
        this.values = new float[Lanes.blocks(headDim, Lanes.TILE) * Lanes.TILE * n];
        this.queries = new float[Panels.size(n, headDim)];
        this.out = new float[Panels.size(n, Lanes.blocks(headDim, Lanes.TILE) * Lanes.TILE)];
        this.scores = new float[Panels.size(n, Lanes.blocks(n, Lanes.TILE) * Lanes.TILE)];
    }

    /** Packs and attends; {@code result} is row-major, as the operands. */
    void run(float[] q, float[] k, float[] v, float[] result) {
        pack(q, k, v);
        int tileSize = Lanes.TILE;
        int keyTiles = Lanes.blocks(n, tileSize);
        int columnTiles = Lanes.blocks(headDim, tileSize);
        int scoreWidth = keyTiles * tileSize * Lanes.PANEL;
        for (int p = 0; p < Panels.count(n); p++) {
            for (int t = 0; t < keyTiles; t++) {
                Tiles.multiply(
                        keys,
                        t * headDim * tileSize,
                        queries,
                        p * headDim * Lanes.PANEL,
                        headDim,
                        ZEROS,
                        0,
                        NONE,
                        0,
                        scores,
                        p * scoreWidth + t * tileSize * Lanes.PANEL,
                        tileSize,
                        false);
            }
        }
        sigmoid();
        for (int p = 0; p < Panels.count(n); p++) {
            for (int t = 0; t < columnTiles; t++) {
                Tiles.multiply(
                        values,
                        t * n * tileSize,
                        scores,
                        p * scoreWidth,
                        n,
                        ZEROS,
                        0,
                        NONE,
                        0,
                        out,
                        (p * columnTiles + t) * tileSize * Lanes.PANEL,
                        tileSize,
                        false);
            }
        }
        int outWidth = columnTiles * tileSize;
        for (int r = 0; r < n; r++) {
            int from = Panels.at(r, outWidth);
            for (int c = 0; c < headDim; c++) {
                result[r * headDim + c] = out[from + c * Lanes.PANEL];
            }
        }
    }

    /** The fused form's own sweep, block by block of its size. */
    private void sigmoid() {
        int block = ScoreBlock.KEYS * Lanes.PANEL;
        for (int at = 0; at < scores.length; at += block) {
            int rows = Math.min(block, scores.length - at) / Lanes.PANEL;
            ScorePass.Sigmoid.apply(scores, at, rows, offsets, 0);
            ScorePass.Sigmoid.apply(scores, at + Lanes.LENGTH, rows, offsets, Lanes.LENGTH);
        }
    }

    private void pack(float[] q, float[] k, float[] v) {
        float factor = (float) (-1 / Math.sqrt(headDim) / Math.log(2));
        for (int r = 0; r < n; r++) {
            int to = Panels.at(r, headDim);
            int tile = r / Lanes.TILE * headDim * Lanes.TILE + r % Lanes.TILE;
            for (int c = 0; c < headDim; c++) {
                queries[to + c * Lanes.PANEL] = q[r * headDim + c] * factor;
                keys[tile + c * Lanes.TILE] = k[r * headDim + c];
                values[(c / Lanes.TILE * n + r) * Lanes.TILE + c % Lanes.TILE] = v[r * headDim + c];
            }
        }
    }
}
