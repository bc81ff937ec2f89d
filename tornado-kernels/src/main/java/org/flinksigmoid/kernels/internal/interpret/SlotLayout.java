package org.flinksigmoid.kernels.internal.interpret;

/** How a backend lays the {@code [rows, width]} elements of a slot out in an array. */
public interface SlotLayout {
    /** Plain row-major arrays. */
    SlotLayout ROW_MAJOR = new RowMajor();

    /** Array elements that {@code rows} rows of {@code width} take. */
    int size(int rows, int width);

    /** Puts {@code rows} row-major rows into a slot's array. */
    void load(float[] rowMajor, int rows, int width, float[] slot);

    /** Reads {@code rows} rows of a slot's array into a row-major one. */
    void store(float[] slot, int rows, int width, float[] rowMajor);

    /** Element {@code r * width + c} of the array is column c of row r. */
    final class RowMajor implements SlotLayout {
        private RowMajor() {}

        @Override
        public int size(int rows, int width) {
            return Math.multiplyExact(rows, width);
        }

        @Override
        public void load(float[] rowMajor, int rows, int width, float[] slot) {
            System.arraycopy(rowMajor, 0, slot, 0, rows * width);
        }

        @Override
        public void store(float[] slot, int rows, int width, float[] rowMajor) {
            System.arraycopy(slot, 0, rowMajor, 0, rows * width);
        }
    }
}
