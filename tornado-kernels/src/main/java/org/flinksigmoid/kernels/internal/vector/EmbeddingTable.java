package org.flinksigmoid.kernels.internal.vector;

import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.tensor.Bfloat16;
import org.flinksigmoid.kernels.tensor.Int8Rows;
import org.flinksigmoid.kernels.tensor.Tensor;

/** A table of embeddings, in a format of weights. Immutable. */
sealed interface EmbeddingTable {
    /** Puts the embedding of a token into row {@code row} of a slot as wide as the table. */
    void load(int token, int row, float[] slot);

    /** Packs a table {@code [vocabulary, width]}. */
    static EmbeddingTable of(WeightFormat format, Tensor table) {
        int vocabulary = (int) table.shape().dimension(0);
        int width = (int) table.shape().dimension(1);
        float[] values = table.toFloats();
        return switch (format) {
            case FLOAT -> new Floats(values, width);
            case BF16 -> {
                short[] halves = new short[values.length];
                for (int i = 0; i < halves.length; i++) {
                    halves[i] = Bfloat16.of(values[i]);
                }
                yield new Halves(halves, width);
            }
            case INT8 -> new Bytes(Int8Rows.of(values, vocabulary), width);
        };
    }

    /** {@link WeightFormat#FLOAT}. */
    record Floats(float[] values, int width) implements EmbeddingTable {
        @Override
        public void load(int token, int row, float[] slot) {
            Panels.loadRow(values, token * width, row, width, slot);
        }
    }

    /** {@link WeightFormat#BF16}. */
    record Halves(short[] values, int width) implements EmbeddingTable {
        @Override
        public void load(int token, int row, float[] slot) {
            int to = Panels.at(row, width);
            for (int c = 0; c < width; c++) {
                slot[to + c * Lanes.PANEL] = Bfloat16.toFloat(values[token * width + c]);
            }
        }
    }

    /** {@link WeightFormat#INT8}. */
    record Bytes(Int8Rows rows, int width) implements EmbeddingTable {
        @Override
        public void load(int token, int row, float[] slot) {
            int to = Panels.at(row, width);
            for (int c = 0; c < width; c++) {
                slot[to + c * Lanes.PANEL] =
                        rows.scales()[token] * rows.values()[token * width + c];
            }
        }
    }
}
