package org.flinksigmoid.pipelines.scoring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.TextModel;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The shipped text models give the numbers that PyTorch gives for the same checkpoint and texts.
 */
class ShippedTextModelsTest {
    private static final Path EXPECTED = Path.of("training", "expected");

    /** F16 weights and f32 arithmetic on both sides; the files keep six digits. */
    private static final float TOLERANCE = 1e-3f;

    @ParameterizedTest
    @CsvSource({"langid,scalar", "langid,vector", "spam,scalar", "spam,vector"})
    void outputsEqualThoseOfPyTorchRowByRow(String model, String backend) throws IOException {
        List<String> rows = Files.readAllLines(EXPECTED.resolve(model + "-rows.tsv"));
        assertThat(rows).isNotEmpty();
        try (TextModel text =
                TextModel.load(
                        Path.of("models", model), ModelOptions.defaults().withBackend(backend))) {
            List<int[]> tokens = new ArrayList<>();
            for (String row : rows) {
                tokens.add(text.encode(row.split("\t", -1)[1]));
            }
            List<float[]> outputs = text.infer(tokens);
            for (int i = 0; i < rows.size(); i++) {
                String[] columns = rows.get(i).split("\t", -1);
                assertThat(columns).as(rows.get(i)).hasSize(2 + text.outputWidth());
                for (int j = 0; j < text.outputWidth(); j++) {
                    assertThat(outputs.get(i)[j])
                            .as("%s, output %d", columns[1], j)
                            .isCloseTo(Float.parseFloat(columns[2 + j]), within(TOLERANCE));
                }
            }
        }
    }
}
