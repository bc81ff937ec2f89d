package org.flinksigmoid.kernels.internal.interpret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.SafetensorsFile;
import org.flinksigmoid.kernels.checkpoint.Weights;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.nn.Encoder;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureSequencesTest {
    private static final int WIDTH = 40;
    private static final int[] LENGTHS = {9, 0, 33, 1};

    @TempDir Path folder;

    private interface Check {
        void on(Executable executable);
    }

    private void with(String backendName, Check check) {
        TinyCheckpoint.speech().write(folder);
        ModelConfig config = ModelConfig.read(folder);
        try (SafetensorsFile file = SafetensorsFile.open(folder.resolve("model.safetensors"));
                Backend backend = Backends.select(backendName).open(new BackendOptions(1, 0));
                Executable executable =
                        backend.prepare(Encoder.program(config, new Weights(file)))) {
            check.on(executable);
        }
    }

    private static List<float[]> sequences() {
        Random random = new Random(5);
        List<float[]> sequences = new ArrayList<>();
        for (int length : LENGTHS) {
            float[] rows = new float[length * WIDTH];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = (float) random.nextGaussian();
            }
            sequences.add(rows);
        }
        return sequences;
    }

    private static float[] packed(List<float[]> sequences) {
        float[] packed = new float[43 * WIDTH];
        int at = 0;
        for (float[] sequence : sequences) {
            System.arraycopy(sequence, 0, packed, at, sequence.length);
            at += sequence.length;
        }
        return packed;
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void featuresInSeveralArraysGiveWhatTheyGivePacked(String backend) {
        RaggedBatch batch = RaggedBatch.ofLengths(LENGTHS);
        with(
                backend,
                executable -> {
                    float[][] expected =
                            executable.run(batch, new Input.Features(packed(sequences())));
                    assertThat(executable.run(batch, new Input.FeatureSequences(sequences())))
                            .isDeepEqualTo(expected);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void aSequenceThatIsNotAsLongAsTheBatchSaysIsRefused(String backend) {
        RaggedBatch longer = RaggedBatch.ofLengths(9, 0, 34, 1);
        with(
                backend,
                executable -> {
                    assertThatThrownBy(
                                    () ->
                                            executable.run(
                                                    longer,
                                                    new Input.FeatureSequences(sequences())))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage(
                                    "features of sequence 2: expected 34 rows of 40, found 1320"
                                            + " values");
                    assertThatThrownBy(
                                    () ->
                                            executable.run(
                                                    RaggedBatch.ofLengths(9),
                                                    new Input.FeatureSequences(sequences())))
                            .isInstanceOf(IllegalArgumentException.class)
                            .hasMessage("features: expected 1 sequences, found 4");
                });
    }
}
