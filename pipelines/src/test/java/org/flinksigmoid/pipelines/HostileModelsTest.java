package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.model.InvalidInputException;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.kernels.model.TextModel;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Bytes of the shipped models flipped at random: a model runs, or is refused in one sentence that
 * names the file.
 */
class HostileModelsTest {
    private static final ModelOptions CPU =
            ModelOptions.defaults().withBackend("vector").withThreads(1);

    private static final int TIMES = 20;

    @TempDir private Path folder;

    @ParameterizedTest
    @CsvSource({
        "digits-ctc, config.json",
        "digits-ctc, preprocessor_config.json",
        "digits-ctc, model.safetensors",
        "langid, config.json",
        "langid, model.safetensors",
        "spam, model.safetensors",
    })
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void aDamagedModelRunsOrIsRefused(String model, String file) throws IOException {
        copy(Path.of("models", model));
        Path damaged = folder.resolve(file);
        byte[] good = Files.readAllBytes(damaged);
        for (int seed = 0; seed < TIMES; seed++) {
            Random random = new Random(seed);
            byte[] bad = good.clone();
            int reach = seed % 2 == 0 ? good.length : Math.min(good.length, 4000);
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                bad[random.nextInt(reach)] ^= (byte) (1 << random.nextInt(8));
            }
            if (seed % 7 == 6) {
                bad = Arrays.copyOf(bad, random.nextInt(bad.length));
            }
            Files.write(damaged, bad);
            try {
                run(model);
            } catch (CheckpointException | InvalidInputException e) {
                assertThat(e.getMessage()).as("seed %d", seed).hasSizeLessThan(1000);
            } catch (RuntimeException | Error e) {
                fail("seed " + seed + " of " + model + "/" + file, e);
            }
        }
    }

    private void copy(Path model) throws IOException {
        try (Stream<Path> files = Files.list(model)) {
            for (Path file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    private void run(String model) {
        if (model.equals("digits-ctc")) {
            try (SpeechModel speech = SpeechModel.load(folder, CPU)) {
                speech.infer(List.of(new float[40 * speech.inputWidth()]));
            }
        } else {
            try (TextModel text = TextModel.load(folder, CPU)) {
                text.infer(List.of(text.encode("Dieses Paket enthält die Dokumentation.")));
            }
        }
    }
}
