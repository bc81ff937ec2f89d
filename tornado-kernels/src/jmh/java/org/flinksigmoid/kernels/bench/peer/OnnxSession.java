package org.flinksigmoid.kernels.bench.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A model on ONNX Runtime, all its optimisations on, over inputs that stay put. Where the system
 * property {@code flinksigmoid.bench.profile} gives the beginning of a file name, ONNX Runtime
 * writes how long each of its operators took to a file of that name, and is slower for it.
 */
final class OnnxSession implements AutoCloseable {
    private static final String PROFILE = System.getProperty("flinksigmoid.bench.profile", "");

    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final List<OnnxTensor> tensors = new ArrayList<>();

    OnnxSession(byte[] model, int threads) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(threads);
            options.setInterOpNumThreads(1);
            if (!PROFILE.isEmpty()) {
                options.enableProfiling(PROFILE);
            }
            session = environment.createSession(model, options);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A BERT's inputs: texts padded to the longest of them. */
    Map<String, OnnxTensor> padded(List<int[]> tokens) {
        int longest = tokens.stream().mapToInt(text -> text.length).max().orElse(0);
        long[] ids = new long[tokens.size() * longest];
        long[] mask = new long[ids.length];
        for (int i = 0; i < tokens.size(); i++) {
            int[] text = tokens.get(i);
            for (int j = 0; j < text.length; j++) {
                ids[i * longest + j] = text[j];
            }
            Arrays.fill(mask, i * longest, i * longest + text.length, 1);
        }
        long[] shape = {tokens.size(), longest};
        return Map.of(
                "input_ids", tensor(ids, shape),
                "attention_mask", tensor(mask, shape),
                "token_type_ids", tensor(new long[ids.length], shape));
    }

    private OnnxTensor tensor(long[] values, long... shape) {
        try {
            return kept(OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A float tensor. */
    OnnxTensor tensor(float[] values, long... shape) {
        try {
            return kept(OnnxTensor.createTensor(environment, FloatBuffer.wrap(values), shape));
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private OnnxTensor kept(OnnxTensor tensor) {
        tensors.add(tensor);
        return tensor;
    }

    /** Runs and gives the number of outputs, which it doesn't read. */
    int runUnread(Map<String, OnnxTensor> inputs) {
        try (OrtSession.Result result = session.run(inputs)) {
            return result.size();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs and reads the first output as what Java makes of its shape. */
    Object value(Map<String, OnnxTensor> inputs) {
        try (OrtSession.Result result = session.run(inputs)) {
            return result.get(0).getValue();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        tensors.forEach(OnnxTensor::close);
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
