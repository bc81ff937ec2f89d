package org.flinksigmoid.kernels.bench.peer;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * A BERT on ONNX Runtime, all its optimisations on, over one padded batch whose inputs stay put.
 */
final class OnnxSession implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs;

    OnnxSession(byte[] model, int threads, List<int[]> tokens) throws OrtException {
        OrtSession.SessionOptions options = new OrtSession.SessionOptions();
        options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.ALL_OPT);
        options.setIntraOpNumThreads(threads);
        options.setInterOpNumThreads(1);
        session = environment.createSession(model, options);
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
        inputs =
                Map.of(
                        "input_ids", tensor(ids, shape),
                        "attention_mask", tensor(mask, shape),
                        "token_type_ids", tensor(new long[ids.length], shape));
    }

    private OnnxTensor tensor(long[] values, long[] shape) throws OrtException {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(values), shape);
    }

    /**
     * The last hidden states {@code [batch, longest, width]}; reading them is the caller's choice.
     */
    OrtSession.Result run() {
        try {
            return session.run(inputs);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws OrtException {
        inputs.values().forEach(OnnxTensor::close);
        session.close();
    }
}
