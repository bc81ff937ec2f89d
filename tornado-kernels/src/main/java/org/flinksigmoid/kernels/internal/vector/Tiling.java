package org.flinksigmoid.kernels.internal.vector;

/**
 * So many outputs cut into {@link Tiles}: long ones first, then up to two short ones where that
 * leaves fewer outputs of the last tile unused. 512 are 42 tiles of 12 and one of 8.
 *
 * @param outputs to be computed
 * @param longTiles tiles of {@link Lanes#LONG_TILE}
 * @param tiles all tiles
 */
record Tiling(int outputs, int longTiles, int tiles) {
    private static final int LONG = Lanes.LONG_TILE;
    private static final int SHORT = Lanes.TILE;

    /** The tiling with the fewest outputs over. */
    static Tiling of(int outputs) {
        Tiling best = new Tiling(outputs, Lanes.blocks(outputs, LONG), Lanes.blocks(outputs, LONG));
        for (int shorts = 1; shorts <= 2 && shorts * SHORT <= outputs + SHORT; shorts++) {
            int longs = Lanes.blocks(Math.max(0, outputs - shorts * SHORT), LONG);
            Tiling other = new Tiling(outputs, longs, longs + shorts);
            best = other.padded() < best.padded() ? other : best;
        }
        return best;
    }

    /** Outputs with those that the last tile has over. */
    int padded() {
        return first(tiles);
    }

    /** First output of a tile. */
    int first(int tile) {
        int longs = Math.min(tile, longTiles);
        return longs * LONG + (tile - longs) * SHORT;
    }

    /** Outputs of a tile, those over included. */
    int size(int tile) {
        return tile < longTiles ? LONG : SHORT;
    }

    /** Which tile an output is in. */
    int tileOf(int output) {
        int longs = longTiles * LONG;
        return output < longs ? output / LONG : longTiles + (output - longs) / SHORT;
    }
}
