package org.flinksigmoid.pipelines.asr;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.junit.jupiter.api.Test;

class ShippedSpeechModelTest {
    @Test
    void theConstantsForDigitsAreThoseOfTheShippedModel() {
        try (SpeechModel model =
                SpeechModel.load(
                        Path.of("models", "digits-ctc"),
                        ModelOptions.defaults().withBackend("scalar"))) {
            assertThat(model.preprocessor()).isEqualTo(PreprocessorConfig.DIGITS);
            assertThat(model.ctcLabels()).isEqualTo(CtcLabels.DIGITS);
        }
    }
}
