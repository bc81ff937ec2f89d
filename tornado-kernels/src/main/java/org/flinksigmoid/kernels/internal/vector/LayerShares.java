package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;

/**
 * A layer's tiles of outputs, for all chunks of rows, cut into shares for a {@link WorkerPool}.
 * Each thread has a part, as large as the others': of few rows a range of tiles, of many whole
 * chunks. It is cut so that a share is half of what is left, down to a least one. So threads end
 * together however fast each of them is: whoever is early helps with a small share.
 */
final class LayerShares {
    private final int threads;

    /** The first share of each thread, and the number of all. */
    private final int[] parts;

    /** Where each share begins, and the last ends: a chunk times the layer's tiles and a tile. */
    private int[] starts = {0};

    private Cut cut = new Cut(0, 0, 0, false);

    /**
     * What shares are made of.
     *
     * @param tiles of each chunk
     * @param least tiles of a share, unless its chunk has no more
     * @param byChunks whether threads have whole chunks
     */
    private record Cut(int chunks, int tiles, int least, boolean byChunks) {}

    LayerShares(int threads) {
        this.threads = threads;
        this.parts = new int[threads + 1];
    }

    /**
     * Cuts anew if anything has changed.
     *
     * @param tiles of each chunk
     * @param least tiles of a share, unless there are no more
     * @param byChunks whether threads have whole chunks, the same number each
     */
    void cut(int chunks, int tiles, int least, boolean byChunks) {
        if (cut.chunks != chunks
                || cut.tiles != tiles
                || cut.least != least
                || cut.byChunks != byChunks) {
            cut = new Cut(chunks, tiles, least, byChunks);
            cut();
        }
    }

    private void cut() {
        int shares = 0;
        for (int thread = 0; thread < threads; thread++) {
            parts[thread] = shares;
            int end = partFrom(thread + 1);
            for (int at = partFrom(thread); at < end; at = starts[shares]) {
                int left = Math.min(end - at, cut.tiles - at % cut.tiles);
                int size = Math.max(cut.least, left / 2);
                boolean last = threads == 1 || size + cut.least > left;
                if (shares + 2 > starts.length) {
                    starts = Arrays.copyOf(starts, 2 * shares + 2);
                }
                starts[shares++] = at;
                starts[shares] = at + (last ? left : size);
            }
        }
        parts[threads] = shares;
    }

    private int partFrom(int thread) {
        int unit = cut.byChunks ? cut.tiles : 1;
        long units = (long) cut.chunks * cut.tiles / unit;
        return (int) (units * thread / threads) * unit;
    }

    /** For {@link WorkerPool#run(WorkerPool.Task, int[])}. */
    int[] parts() {
        return parts;
    }

    /** Number of shares. */
    int count() {
        return parts[threads];
    }

    /** The chunk of a share. */
    int chunk(int share) {
        return starts[share] / cut.tiles;
    }

    /** First tile of a share. */
    int firstTile(int share) {
        return starts[share] % cut.tiles;
    }

    /** Tiles of a share. */
    int tiles(int share) {
        return starts[share + 1] - starts[share];
    }
}
