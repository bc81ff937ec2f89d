package org.flinksigmoid.kernels.internal.vector;

/**
 * Where attention finds its queries, keys or values, or puts its results: some columns of rows that
 * lie row-major (a caller's array) or in {@link Panels} (a slot). Bound anew for each run, so that
 * a run allocates nothing.
 */
final class HeadRows {
    private final boolean panels;
    private float[] array = {};
    private int width;
    private int column;

    /**
     * Unbound rows.
     *
     * @param panels whether the rows will lie in panels
     */
    HeadRows(boolean panels) {
        this.panels = panels;
    }

    /**
     * Binds to an array.
     *
     * @param width columns of a row
     * @param column where head 0 starts
     */
    HeadRows bind(float[] array, int width, int column) {
        this.array = array;
        this.width = width;
        this.column = column;
        return this;
    }

    float[] array() {
        return array;
    }

    /** Index of a row's element {@code offset} columns past the first. */
    int at(int row, int offset) {
        return panels
                ? Panels.at(row, width) + (column + offset) * Lanes.PANEL
                : row * width + column + offset;
    }

    /** Whether a panel starts with this row, so that its columns lie as a tile's operand does. */
    boolean isPanel(int row) {
        return panels && row % Lanes.PANEL == 0;
    }

    /** Whether every {@code count} rows from this one on stand side by side in one panel. */
    boolean isTogether(int row, int count) {
        return panels && Lanes.PANEL % count == 0 && row % count == 0;
    }

    /** How far apart two columns of a row are. */
    int step() {
        return panels ? Lanes.PANEL : 1;
    }
}
