package org.flinksigmoid.pipelines.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsWriter;
import org.flinksigmoid.kernels.tensor.DType;
import org.flinksigmoid.kernels.tensor.Shape;

/**
 * A speech checkpoint with random weights, to measure the speed of a size that nobody has trained:
 * 40 log-mels at 8 kHz, two convolutions that make one step of four frames, windows of 2.56 s each
 * 0.64 s, as digits-ctc has them. What it hears is noise.
 *
 * @param layers of the encoder
 * @param width of a step, {@code d}
 * @param heads of attention
 * @param inner width between the two feed-forward matrices
 */
public record RandomSpeechModel(int layers, int width, int heads, int inner) {
    /** 12 layers, d = 512, 8 heads, 2048 between the feed-forward matrices: 41 million weights. */
    public static final RandomSpeechModel LARGE = new RandomSpeechModel(12, 512, 8, 2048);

    private static final int BANDS = 40;
    private static final int KERNEL = 5;

    /** The blank and 31 words. */
    private static final int LABELS = 32;

    private static final String CONFIG =
            """
            {"model_type": "flink-sigmoid", "task": "ctc", "hidden_size": %1$d,
             "num_hidden_layers": %2$d, "num_attention_heads": %3$d, "intermediate_size": %4$d,
             "hidden_act": "gelu", "layer_norm_eps": 1e-5, "max_position_embeddings": 1024,
             "id2label": {%5$s},
             "attention": {"type": "sigmoid", "bias": "-log_n", "qk_norm": false},
             "position": {"type": "rope"}, "norm": "pre",
             "frontend": {"input_size": 40, "layers": [
                 {"kernel": 5, "stride": 2, "channels": %1$d, "activation": "relu"},
                 {"kernel": 5, "stride": 2, "channels": %1$d, "activation": "relu"}]}}
            """;
    private static final String PREPROCESSOR =
            """
            {"feature_size": 40, "sampling_rate": 8000, "frame_length": 200, "hop_length": 80,
             "n_fft": 256, "f_min": 60.0, "f_max": 3800.0, "mel_scale": "htk", "floor": 1e-10,
             "padding_samples": 960,
             "level": {"history_frames": 512, "active_ratio": 0.01, "min_level": -12.0,
                       "floor": -11.5, "scale": 0.3},
             "streaming": {"window_frames": 256, "hop_frames": 64, "edge_steps": 32,
                           "endpoint_steps": 20}}
            """;

    /**
     * Writes the checkpoint; the same sizes give the same files.
     *
     * @param folder made if it is not there
     * @return the folder
     */
    public Path write(Path folder) throws IOException {
        Files.createDirectories(folder);
        StringBuilder labels = new StringBuilder("\"0\": \"<blank>\"");
        for (int i = 1; i < LABELS; i++) {
            labels.append(", \"%d\": \"w%d\"".formatted(i, i));
        }
        Files.writeString(
                folder.resolve(ModelConfig.FILE),
                CONFIG.formatted(width, layers, heads, inner, labels));
        Files.writeString(folder.resolve(PreprocessorConfig.FILE_NAME), PREPROCESSOR);
        Tensors tensors = new Tensors();
        tensors.convolution("frontend.conv.0", BANDS);
        tensors.convolution("frontend.conv.1", width);
        for (int i = 0; i < layers; i++) {
            String layer = "encoder.layers." + i;
            tensors.norm(layer + ".attn.norm");
            for (String part : new String[] {"q", "k", "v", "o"}) {
                tensors.linear(layer + ".attn." + part, width, width);
            }
            tensors.norm(layer + ".ffn.norm");
            tensors.linear(layer + ".ffn.up", inner, width);
            tensors.linear(layer + ".ffn.down", width, inner);
        }
        tensors.norm("encoder.final_norm");
        tensors.linear("head", LABELS, width);
        tensors.writer.write(folder.resolve("model.safetensors"));
        return folder;
    }

    /** Collects tensors of variance one over what a row adds up. */
    private final class Tensors {
        private final SafetensorsWriter writer = new SafetensorsWriter();
        private final SplittableRandom random = new SplittableRandom(1);

        void convolution(String name, int in) {
            uniform(name + ".weight", KERNEL * in, width, in, KERNEL);
            uniform(name + ".bias", width, width);
        }

        void linear(String name, int out, int in) {
            uniform(name + ".weight", in, out, in);
            uniform(name + ".bias", out, out);
        }

        void norm(String name) {
            float[] ones = new float[width];
            Arrays.fill(ones, 1);
            writer.add(name + ".weight", DType.F16, Shape.of(width), ones);
            writer.add(name + ".bias", DType.F16, Shape.of(width), new float[width]);
        }

        private void uniform(String name, int terms, long... dimensions) {
            Shape shape = Shape.of(dimensions);
            double most = Math.sqrt(3.0 / terms);
            float[] values = new float[(int) shape.elements()];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (most * (2 * random.nextDouble() - 1));
            }
            writer.add(name, DType.F16, shape, values);
        }
    }
}
