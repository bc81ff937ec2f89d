package org.flinksigmoid.kernels.internal.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.WavFile;
import org.flinksigmoid.kernels.decode.CtcGreedy;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.kernels.model.TextModel;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The shipped models on the device beside the CPU, on every test file: the same transcripts and
 * labels, log-probabilities within 5e-3.
 *
 * <p>System properties: {@code models}, the folder of the models; {@code digits}, a folder of
 * spoken digits named {@code {digit}_{speaker}_{index}.wav}, of which indices 0 to 4 are test
 * files; {@code texts}, a folder of {@code {model}-test.tsv}, a label and a text a line.
 */
@Tag("gpu")
class ShippedModelsGpuTest {
    private static final float TOLERANCE = 5e-3f;
    private static final int BATCH = 64;

    private static Path folder(String property) {
        return Path.of(
                Objects.requireNonNull(
                        System.getProperty(property), "-D" + property + " is missing"));
    }

    @Test
    void digitsAreHeardAsOnTheCpu() throws IOException {
        Path model = folder("models").resolve("digits-ctc");
        try (SpeechModel cpu = SpeechModel.load(model, options("vector"));
                SpeechModel gpu = SpeechModel.load(model, options(TornadoProvider.NAME))) {
            SpeechFrontEnd frontEnd = new SpeechFrontEnd(cpu.preprocessor());
            List<float[]> features = new ArrayList<>();
            for (Path file : testFiles()) {
                WavFile wav = WavFile.read(file);
                features.add(frontEnd.features(wav.samples(), wav.sampleRate()));
            }
            CtcLabels labels = cpu.ctcLabels();
            float apart = 0;
            int different = 0;
            for (int from = 0; from < features.size(); from += BATCH) {
                var batch = features.subList(from, Math.min(features.size(), from + BATCH));
                List<float[]> expected = cpu.infer(batch);
                List<float[]> actual = gpu.infer(batch);
                for (int i = 0; i < batch.size(); i++) {
                    apart = Math.max(apart, difference(actual.get(i), expected.get(i)));
                    String heard = text(labels, actual.get(i), cpu.classes());
                    if (!heard.equals(text(labels, expected.get(i), cpu.classes()))) {
                        different++;
                    }
                }
            }
            System.out.printf(
                    "digits-ctc: %d files, %d transcripts differ, log-probabilities at most %.2e"
                            + " apart%n",
                    features.size(), different, apart);
            assertThat(features).hasSizeGreaterThan(BATCH);
            assertThat(different).isZero();
            assertThat(apart).isLessThanOrEqualTo(TOLERANCE);
        }
    }

    private static List<Path> testFiles() throws IOException {
        try (Stream<Path> files = Files.list(folder("digits"))) {
            return files.filter(file -> file.toString().matches(".*_[0-4]\\.wav"))
                    .sorted()
                    .toList();
        }
    }

    private static String text(CtcLabels labels, float[] scores, int classes) {
        return labels.text(CtcGreedy.decode(scores, classes, labels.blank()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"langid", "spam"})
    void textsGetTheLabelsOfTheCpu(String name) throws IOException {
        Path model = folder("models").resolve(name);
        try (TextModel cpu = TextModel.load(model, options("vector"));
                TextModel gpu = TextModel.load(model, options(TornadoProvider.NAME))) {
            List<int[]> tokens = new ArrayList<>();
            for (String line : Files.readAllLines(folder("texts").resolve(name + "-test.tsv"))) {
                int[] ids = cpu.encode(line.substring(line.indexOf('\t') + 1));
                if (cpu.problem(ids).isEmpty()) {
                    tokens.add(ids);
                }
            }
            float apart = 0;
            int different = 0;
            for (int from = 0; from < tokens.size(); from += BATCH) {
                var batch = tokens.subList(from, Math.min(tokens.size(), from + BATCH));
                List<float[]> expected = cpu.infer(batch);
                List<float[]> actual = gpu.infer(batch);
                for (int i = 0; i < batch.size(); i++) {
                    apart = Math.max(apart, difference(actual.get(i), expected.get(i)));
                    if (label(actual.get(i)) != label(expected.get(i))) {
                        different++;
                    }
                }
            }
            System.out.printf(
                    "%s: %d texts, %d labels differ, outputs at most %.2e apart%n",
                    name, tokens.size(), different, apart);
            assertThat(tokens).hasSizeGreaterThan(BATCH);
            assertThat(different).isZero();
            assertThat(apart).isLessThanOrEqualTo(TOLERANCE);
        }
    }

    /** The largest output, or for a single score whether it is over one half. */
    private static int label(float[] outputs) {
        if (outputs.length == 1) {
            return outputs[0] > .5f ? 1 : 0;
        }
        int best = 0;
        for (int i = 1; i < outputs.length; i++) {
            best = outputs[i] > outputs[best] ? i : best;
        }
        return best;
    }

    private static float difference(float[] actual, float[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        float largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs(actual[i] - expected[i]));
        }
        return largest;
    }

    private static ModelOptions options(String backend) {
        return ModelOptions.defaults().withBackend(backend);
    }
}
