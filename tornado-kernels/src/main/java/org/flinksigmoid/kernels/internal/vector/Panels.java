package org.flinksigmoid.kernels.internal.vector;

/**
 * How every slot lies: rows in panels of {@link Lanes#PANEL}, each panel column by column, so that
 * a vector holds one column of consecutive rows. Element (r, c) of a slot of width w is at {@code
 * (r / PANEL * w + c) * PANEL + r % PANEL}.
 *
 * <p>With a row in a lane nothing ever adds up across lanes: layer norms, softmax and matrix
 * products treat every row alike, wherever in the batch it stands, so its result is the same to the
 * bit in any company. Lanes past the last row hold numbers that nobody reads.
 */
final class Panels {
    private static final int PANEL = Lanes.PANEL;

    /** Columns that are copied of all rows of a panel before the next: both sides stay in L1. */
    private static final int COLUMNS = 16;

    private Panels() {}

    /** Index of (row, column 0). */
    static int at(int row, int width) {
        return row / PANEL * width * PANEL + row % PANEL;
    }

    /** Panels that {@code rows} rows take. */
    static int count(int rows) {
        return Lanes.blocks(rows, PANEL);
    }

    /** Whether the rows of panel {@code index} fill no more than its first vector. */
    static boolean isNarrow(int index, int rows) {
        return rows - index * PANEL <= Lanes.LENGTH;
    }

    /** Floats that {@code rows} rows take. */
    static int size(int rows, int width) {
        return Tiles.size((long) count(rows) * PANEL * width);
    }

    /** Puts the row-major rows of one panel in place. */
    static void load(float[] rowMajor, int rows, int width, float[] slot, int panel) {
        int end = Math.min((panel + 1) * PANEL, rows);
        for (int from = 0; from < width; from += COLUMNS) {
            int columns = Math.min(COLUMNS, width - from);
            for (int r = panel * PANEL; r < end; r++) {
                int source = r * width + from;
                int to = at(r, width) + from * PANEL;
                for (int c = 0; c < columns; c++) {
                    slot[to + c * PANEL] = rowMajor[source + c];
                }
            }
        }
    }

    /** Puts the {@code width} elements from {@code values[from]} into row {@code row}. */
    static void loadRow(float[] values, int from, int row, int width, float[] slot) {
        int to = at(row, width);
        for (int c = 0; c < width; c++) {
            slot[to + c * PANEL] = values[from + c];
        }
    }

    /** Reads the rows of one panel into a row-major array. */
    static void store(float[] slot, int rows, int width, float[] rowMajor, int panel) {
        int end = Math.min((panel + 1) * PANEL, rows);
        for (int from = 0; from < width; from += COLUMNS) {
            int columns = Math.min(COLUMNS, width - from);
            for (int r = panel * PANEL; r < end; r++) {
                int source = at(r, width) + from * PANEL;
                int to = r * width + from;
                for (int c = 0; c < columns; c++) {
                    rowMajor[to + c] = slot[source + c * PANEL];
                }
            }
        }
    }
}
