package org.flinksigmoid.kernels.bench.peer;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;

/** The same texts through all-MiniLM-L6-v2 here and on ONNX Runtime, results compared first. */
final class MiniLmWork implements AutoCloseable {
    private static final int FIRST_WORD = 1996;
    private static final int WORDS = 20_000;

    private final TextModel model;
    private final OnnxSession peer;
    private final List<int[]> tokens;

    /**
     * Loads both.
     *
     * @param lengths tokens of each text
     */
    MiniLmWork(int threads, int... lengths) throws IOException, OrtException {
        tokens = randomTexts(lengths);
        Path folder = MiniLm.convertTo(Files.createTempDirectory("minilm"));
        model =
                TextModel.load(
                        folder, ModelOptions.defaults().withBackend("vector").withThreads(threads));
        peer = new OnnxSession(MiniLm.onnx(), threads, tokens);
        requireEqual();
    }

    private static List<int[]> randomTexts(int[] lengths) {
        Random random = new Random(1);
        List<int[]> texts = new ArrayList<>();
        for (int length : lengths) {
            int[] text = random.ints(length, FIRST_WORD, FIRST_WORD + WORDS).toArray();
            text[0] = 101;
            text[length - 1] = 102;
            texts.add(text);
        }
        return texts;
    }

    private void requireEqual() throws OrtException {
        List<float[]> ours = model.infer(tokens);
        try (OrtSession.Result result = peer.run()) {
            float[][][] states = (float[][][]) result.get(0).getValue();
            for (int i = 0; i < ours.size(); i++) {
                float[] theirs = embedding(states[i], tokens.get(i).length);
                for (int c = 0; c < theirs.length; c++) {
                    if (!(Math.abs(ours.get(i)[c] - theirs[c]) < 1e-4)) {
                        throw new IllegalStateException(
                                "text %d, column %d: %s here, %s there"
                                        .formatted(i, c, ours.get(i)[c], theirs[c]));
                    }
                }
            }
        }
    }

    /** The mean of the first {@code length} rows, scaled to length 1. */
    private static float[] embedding(float[][] rows, int length) {
        float[] sum = new float[rows[0].length];
        double squares = 0;
        for (int c = 0; c < sum.length; c++) {
            for (int r = 0; r < length; r++) {
                sum[c] += rows[r][c];
            }
            squares += (double) sum[c] * sum[c];
        }
        for (int c = 0; c < sum.length; c++) {
            sum[c] /= (float) Math.sqrt(squares);
        }
        return sum;
    }

    List<float[]> ours() {
        return model.infer(tokens);
    }

    void theirs() {
        peer.run().close();
    }

    @Override
    public void close() throws OrtException {
        model.close();
        peer.close();
    }
}
