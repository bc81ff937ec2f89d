package org.flinksigmoid.kernels.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A real BERT-family checkpoint with a real tokenizer against ONNX Runtime. */
class MiniLmTest {
    private static final List<String> TEXTS =
            List.of(
                    "",
                    "attention",
                    "A sigmoid needs no row maximum and no row sum.",
                    "Ünïcödé, 中文, emoji 🎉 and\ttabs",
                    "streams of text ".repeat(8));

    @TempDir Path folder;

    @Test
    void embeddingsEqualOnnxRuntime() throws Exception {
        MiniLm.convertTo(folder);
        try (OrtEnvironment environment = OrtEnvironment.getEnvironment();
                OrtSession session = environment.createSession(MiniLm.onnx())) {
            for (BackendProvider provider : Backends.providers()) {
                if (!provider.name().equals("tornado")
                        && provider.availability() instanceof Availability.Available) {
                    compare(provider.name(), environment, session);
                }
            }
        }
    }

    /** Found: bf16 0.99998, int8 0.9964 for the empty text and 0.9992 for the others. */
    @ParameterizedTest
    @CsvSource({"BF16, 0.9999", "INT8, 0.995"})
    void narrowWeightsTurnEmbeddingsLittle(WeightFormat format, double leastCosine)
            throws IOException {
        MiniLm.convertTo(folder);
        ModelOptions options = ModelOptions.defaults().withBackend("vector");
        try (TextModel floats = TextModel.load(folder, options);
                TextModel narrow = TextModel.load(folder, options.withWeights(format))) {
            List<int[]> tokens = TEXTS.stream().map(floats::encode).toList();
            List<float[]> expected = floats.infer(tokens);
            List<float[]> found = narrow.infer(tokens);
            for (int i = 0; i < tokens.size(); i++) {
                double cosine = 0;
                for (int c = 0; c < expected.get(i).length; c++) {
                    cosine += (double) expected.get(i)[c] * found.get(i)[c];
                }
                assertThat(cosine).as(TEXTS.get(i)).isGreaterThan(leastCosine);
            }
        }
    }

    private void compare(String backend, OrtEnvironment environment, OrtSession session)
            throws OrtException {
        ModelOptions options = ModelOptions.defaults().withBackend(backend);
        try (TextModel model = TextModel.load(folder, options)) {
            assertThat(model.info().parameters()).isEqualTo(22_565_376);
            // Plain loops take seconds for what vectors do in milliseconds: short texts only.
            List<String> texts = backend.equals("scalar") ? TEXTS.subList(0, 3) : TEXTS;
            List<int[]> tokens = texts.stream().map(model::encode).toList();
            assertThat(tokens.get(1)).containsExactly(101, 3086, 102);
            List<float[]> ours = model.infer(tokens);
            for (int i = 0; i < texts.size(); i++) {
                assertThat(ours.get(i))
                        .as("%s on %s", texts.get(i), backend)
                        .containsExactly(
                                theirs(environment, session, tokens.get(i)), within(1e-4f));
            }
        }
    }

    /** The mean of the last hidden state's rows, scaled to length 1. */
    private static float[] theirs(OrtEnvironment environment, OrtSession session, int[] tokens)
            throws OrtException {
        long[][] ids = {Arrays.stream(tokens).asLongStream().toArray()};
        long[][] ones = {new long[tokens.length]};
        Arrays.fill(ones[0], 1);
        long[][] zeros = {new long[tokens.length]};
        try (OnnxTensor input = OnnxTensor.createTensor(environment, ids);
                OnnxTensor mask = OnnxTensor.createTensor(environment, ones);
                OnnxTensor types = OnnxTensor.createTensor(environment, zeros);
                OrtSession.Result result =
                        session.run(
                                Map.of(
                                        "input_ids", input,
                                        "attention_mask", mask,
                                        "token_type_ids", types))) {
            float[][] rows = ((float[][][]) result.get(0).getValue())[0];
            double[] sum = new double[rows[0].length];
            double square = 0;
            for (int column = 0; column < sum.length; column++) {
                for (float[] row : rows) {
                    sum[column] += row[column];
                }
                square += sum[column] * sum[column];
            }
            float[] unit = new float[sum.length];
            for (int column = 0; column < unit.length; column++) {
                unit[column] = (float) (sum[column] / Math.sqrt(square));
            }
            return unit;
        }
    }
}
