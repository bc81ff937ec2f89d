package org.flinksigmoid.kernels.internal.interpret;

import java.util.List;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Op;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/** Refuses what a program can't run, naming the sequence, what was expected and what was found. */
public final class InputChecks {
    private InputChecks() {}

    /**
     * Checks lengths, the input's kind and size, and every token id.
     *
     * @throws IllegalArgumentException if one is out of range
     */
    public static void requireValid(Program program, RaggedBatch batch, Input input) {
        for (int i = 0; i < batch.size(); i++) {
            if (batch.length(i) > program.maxRows()) {
                throw new IllegalArgumentException(
                        "sequence %d: expected at most %d rows, found %d"
                                .formatted(i, program.maxRows(), batch.length(i)));
            }
        }
        switch (input) {
            case Input.TokenIds tokens -> {
                if (!program.tokens()) {
                    throw new IllegalArgumentException("input: expected features, found token ids");
                }
                requireIds(program, batch, tokens.ids());
            }
            case Input.FeatureSequences features -> {
                requireFeatures(program);
                requireSequences(program, batch, features.sequences());
            }
            case Input.Features features -> {
                requireFeatures(program);
                int width = program.slot(program.input()).width();
                long expected = (long) batch.rows() * width;
                if (features.values().length < expected) {
                    throw new IllegalArgumentException(
                            "features: expected %d rows of %d, found %d values"
                                    .formatted(batch.rows(), width, features.values().length));
                }
            }
        }
    }

    private static void requireFeatures(Program program) {
        if (program.tokens()) {
            throw new IllegalArgumentException("input: expected token ids, found features");
        }
    }

    private static void requireSequences(
            Program program, RaggedBatch batch, List<float[]> sequences) {
        if (sequences.size() != batch.size()) {
            throw new IllegalArgumentException(
                    "features: expected %d sequences, found %d"
                            .formatted(batch.size(), sequences.size()));
        }
        int width = program.slot(program.input()).width();
        for (int i = 0; i < batch.size(); i++) {
            if (sequences.get(i).length != (long) batch.length(i) * width) {
                throw new IllegalArgumentException(
                        "features of sequence %d: expected %d rows of %d, found %d values"
                                .formatted(i, batch.length(i), width, sequences.get(i).length));
            }
        }
    }

    private static void requireIds(Program program, RaggedBatch batch, int[] ids) {
        if (ids.length < batch.rows()) {
            throw new IllegalArgumentException(
                    "token ids: expected %d, found %d".formatted(batch.rows(), ids.length));
        }
        Op.Embed embed = (Op.Embed) program.ops().getFirst();
        long vocabulary = embed.table().shape().dimension(0);
        for (int i = 0; i < batch.size(); i++) {
            for (int r = batch.offset(i); r < batch.offset(i + 1); r++) {
                if (ids[r] < 0 || ids[r] >= vocabulary) {
                    throw new IllegalArgumentException(
                            "sequence %d, token %d: expected an id in [0, %d), found %d"
                                    .formatted(i, r - batch.offset(i), vocabulary, ids[r]));
                }
            }
        }
    }

    /**
     * Checks that attention's arrays hold what the batches say.
     *
     * @throws IllegalArgumentException if one is too short or the batches differ in size
     */
    public static void requireAttention(
            int width,
            RaggedBatch queries,
            RaggedBatch keys,
            float[] q,
            float[] k,
            float[] v,
            float[] out) {
        if (queries.size() != keys.size()) {
            throw new IllegalArgumentException(
                    "keys: expected %d sequences as in the queries, found %d"
                            .formatted(queries.size(), keys.size()));
        }
        requireLength("q", q, queries.rows(), width);
        requireLength("k", k, keys.rows(), width);
        requireLength("v", v, keys.rows(), width);
        requireLength("out", out, queries.rows(), width);
    }

    private static void requireLength(String name, float[] array, int rows, int width) {
        if (array.length < (long) rows * width) {
            throw new IllegalArgumentException(
                    "%s: expected %d rows of %d, found %d values"
                            .formatted(name, rows, width, array.length));
        }
    }
}
