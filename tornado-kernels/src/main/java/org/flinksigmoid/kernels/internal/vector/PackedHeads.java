package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.internal.interpret.Workspace;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * Keys and values of a batch, packed as the "weights" of {@link Tiles}, each sequence and head by
 * itself from a tile's start, so that no product ever mixes sequences: keys {@code [tile of keys,
 * headDim, TILE]}, values {@code [tile of columns, keys, TILE]}. O(n d) scratch, kept.
 */
final class PackedHeads implements WorkerPool.Task {
    private static final int TILE = Lanes.TILE;

    private final int heads;
    private final int headDim;
    private final int columnTiles;
    private final WorkerPool pool;
    private RaggedBatch batch = RaggedBatch.ofLengths();
    private HeadRows k = new HeadRows(false);
    private HeadRows v = k;
    private float[] keys = {};
    private float[] values = {};

    /** Tiles of keys before each sequence. */
    private int[] tilesBefore = {0};

    PackedHeads(AttentionSpec spec, WorkerPool pool) {
        this.heads = spec.heads();
        this.headDim = spec.headDim();
        this.columnTiles = Lanes.blocks(headDim, TILE);
        this.pool = pool;
    }

    void pack(RaggedBatch batch, HeadRows k, HeadRows v) {
        this.k = k;
        this.v = v;
        if (!batch.equals(this.batch) || tilesBefore.length < batch.size() + 1) {
            this.batch = batch;
            count();
        }
        int tiles = tilesBefore[batch.size()];
        keys = Workspace.grown(keys, Tiles.size((long) tiles * heads * headDim * TILE));
        values =
                Workspace.grown(
                        values, Tiles.size((long) batch.rows() * heads * columnTiles * TILE));
        pool.run(this, batch.size() * heads);
    }

    private void count() {
        if (tilesBefore.length < batch.size() + 1) {
            tilesBefore = new int[batch.size() + 1];
        }
        for (int s = 0; s < batch.size(); s++) {
            tilesBefore[s + 1] = tilesBefore[s] + Lanes.blocks(batch.length(s), TILE);
        }
    }

    float[] keys() {
        return keys;
    }

    float[] values() {
        return values;
    }

    /** Where the tiles of a sequence's head start in {@link #keys}. */
    int keysAt(int sequence, int head) {
        int before = tilesBefore[sequence];
        int tiles = tilesBefore[sequence + 1] - before;
        return (before * heads + head * tiles) * headDim * TILE;
    }

    /** Where the tiles of a sequence's head start in {@link #values}. */
    int valuesAt(int sequence, int head) {
        int length = batch.length(sequence);
        return (batch.offset(sequence) * heads + head * length) * columnTiles * TILE;
    }

    @Override
    public void run(int index, int worker) {
        int sequence = index / heads;
        int head = index % heads;
        packKeys(sequence, head);
        packValues(sequence, head);
    }

    private void packKeys(int sequence, int head) {
        int length = batch.length(sequence);
        int to = keysAt(sequence, head);
        int step = k.step();
        int done = 0;
        if (TILE == 8 && k.isTogether(batch.offset(sequence), 8)) {
            for (; done + 8 <= length; done += 8) {
                int from = k.at(batch.offset(sequence) + done, head * headDim);
                packEight(from, to + done * headDim);
            }
        }
        for (int j = done; j < Lanes.blocks(length, TILE) * TILE; j++) {
            int tile = to + j / TILE * headDim * TILE + j % TILE;
            if (j < length) {
                int from = k.at(batch.offset(sequence) + j, head * headDim);
                for (int d = 0; d < headDim; d++) {
                    keys[tile + d * TILE] = k.array()[from + d * step];
                }
            } else {
                for (int d = 0; d < headDim; d++) {
                    keys[tile + d * TILE] = 0;
                }
            }
        }
    }

    private void packValues(int sequence, int head) {
        int length = batch.length(sequence);
        int to = valuesAt(sequence, head);
        int step = v.step();
        for (int tile = 0; tile < columnTiles; tile++) {
            int columns = Math.min(TILE, headDim - tile * TILE);
            if (columns == 8 && TILE == 8) {
                packColumns(sequence, head, tile, to + tile * length * TILE);
                continue;
            }
            for (int j = 0; j < length; j++) {
                int from = v.at(batch.offset(sequence) + j, head * headDim + tile * TILE);
                int at = to + (tile * length + j) * TILE;
                for (int c = 0; c < columns; c++) {
                    values[at + c] = v.array()[from + c * step];
                }
                for (int c = columns; c < TILE; c++) {
                    values[at + c] = 0;
                }
            }
        }
    }

    /** A tile of eight columns, without a loop over them: that took half of a short text's time. */
    private void packColumns(int sequence, int head, int tile, int to) {
        int length = batch.length(sequence);
        int step = v.step();
        float[] in = v.array();
        for (int j = 0; j < length; j++) {
            int from = v.at(batch.offset(sequence) + j, head * headDim + tile * 8);
            int at = to + j * 8;
            values[at] = in[from];
            values[at + 1] = in[from + step];
            values[at + 2] = in[from + 2 * step];
            values[at + 3] = in[from + 3 * step];
            values[at + 4] = in[from + 4 * step];
            values[at + 5] = in[from + 5 * step];
            values[at + 6] = in[from + 6 * step];
            values[at + 7] = in[from + 7 * step];
        }
    }

    /**
     * A tile of eight keys that stand together in a panel, each column of them one after the other.
     *
     * @param from the first key's first column
     */
    private void packEight(int from, int to) {
        float[] in = k.array();
        for (int d = 0; d < headDim; d++) {
            int source = from + d * Lanes.PANEL;
            int at = to + d * 8;
            keys[at] = in[source];
            keys[at + 1] = in[source + 1];
            keys[at + 2] = in[source + 2];
            keys[at + 3] = in[source + 3];
            keys[at + 4] = in[source + 4];
            keys[at + 5] = in[source + 5];
            keys[at + 6] = in[source + 6];
            keys[at + 7] = in[source + 7];
        }
    }
}
