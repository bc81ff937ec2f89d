package org.flinksigmoid.kernels.bench.peer;

import ai.onnxruntime.OnnxTensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.flinksigmoid.kernels.bench.Agreement;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;

/** The same texts through all-MiniLM-L6-v2 here and on ONNX Runtime, results compared first. */
final class MiniLmWork implements AutoCloseable {
    private static final int FIRST_WORD = 1996;
    private static final int WORDS = 20_000;
    private static final int LAYERS = 6;
    private static final int WIDTH = 384;

    private final TextModel model;
    private final OnnxSession peer;
    private final List<List<int[]>> batches;
    private final List<List<int[]>> peerBatches;
    private final List<Map<String, OnnxTensor>> peerInputs;

    /**
     * Loads both.
     *
     * @param lengths tokens of each text
     * @param batch texts of a batch
     * @param sorted whether the peer, which pads a batch to its longest text, gets texts of like
     *     lengths together; here they come in the order given
     */
    MiniLmWork(int threads, int[] lengths, int batch, boolean sorted) {
        List<int[]> texts = randomTexts(lengths);
        batches = batches(texts, batch);
        if (sorted) {
            texts.sort(Comparator.comparingInt(text -> text.length));
        }
        peerBatches = batches(texts, batch);
        model =
                TextModel.load(
                        Checkpoint.FOLDER,
                        ModelOptions.defaults().withBackend("vector").withThreads(threads));
        peer = new OnnxSession(Checkpoint.FILE, threads);
        peerInputs = peerBatches.stream().map(peer::padded).toList();
        requireEqual();
    }

    /** The model in both forms, made once. */
    private static final class Checkpoint {
        static final Path FOLDER;
        static final byte[] FILE;

        static {
            try {
                FOLDER = MiniLm.convertTo(Files.createTempDirectory("minilm"));
                FILE = MiniLm.onnx();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            Runtime.getRuntime().addShutdownHook(new Thread(Checkpoint::delete));
        }

        private static void delete() {
            for (String file : List.of("config.json", "model.safetensors", "tokenizer.json", "")) {
                FOLDER.resolve(file).toFile().delete();
            }
        }
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

    private static List<List<int[]>> batches(List<int[]> texts, int size) {
        List<List<int[]>> batches = new ArrayList<>();
        for (int from = 0; from < texts.size(); from += size) {
            batches.add(List.copyOf(texts.subList(from, Math.min(from + size, texts.size()))));
        }
        return batches;
    }

    private void requireEqual() {
        Map<int[], float[]> ours = new IdentityHashMap<>();
        for (List<int[]> batch : batches) {
            List<float[]> results = model.infer(batch);
            for (int i = 0; i < results.size(); i++) {
                ours.put(batch.get(i), results.get(i));
            }
        }
        for (int b = 0; b < peerBatches.size(); b++) {
            float[][][] states = (float[][][]) peer.value(peerInputs.get(b));
            for (int i = 0; i < states.length; i++) {
                int[] text = peerBatches.get(b).get(i);
                Agreement.require(ours.get(text), embedding(states[i], text.length));
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

    /** Floating point operations of the products over the texts, without padding. */
    double operations() {
        double operations = 0;
        for (List<int[]> batch : batches) {
            for (int[] text : batch) {
                double n = text.length;
                operations += LAYERS * (24 * n * WIDTH * WIDTH + 4 * n * n * WIDTH);
            }
        }
        return operations;
    }

    /** Embeddings of all texts. */
    List<float[]> ours() {
        List<float[]> last = List.of();
        for (List<int[]> batch : batches) {
            last = model.infer(batch);
        }
        return last;
    }

    /** Hidden states of all texts, not even read. */
    int theirs() {
        int outputs = 0;
        for (Map<String, OnnxTensor> inputs : peerInputs) {
            outputs += peer.runUnread(inputs);
        }
        return outputs;
    }

    @Override
    public void close() {
        model.close();
        peer.close();
    }
}
