package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Damaged files at random: a load works or is refused with a {@link CheckpointException}, quickly,
 * and never anything else.
 */
class HostileCheckpointTest {
    private static final ModelOptions SCALAR =
            ModelOptions.defaults().withBackend("scalar").withThreads(1);
    private static final String SYNTAX = "{}[]\",:0123456789.eE-+ntf\\u\u0000\u00ff";

    @TempDir Path folder;

    @ParameterizedTest
    @CsvSource({
        "config.json, 600",
        "preprocessor_config.json, 600",
        "model.safetensors, 1500",
    })
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void aDamagedFileIsRefusedOrLoads(String name, int times) throws IOException {
        Path file = TinyCheckpoint.speech().write(folder).resolve(name);
        byte[] good = Files.readAllBytes(file);
        // Damage the header rather than the weights: there is more to break.
        int reach = Math.min(good.length, 6_000);
        int refused = 0;
        for (int seed = 0; seed < times; seed++) {
            Random random = new Random(seed);
            Files.write(file, damage(good, reach, random));
            try (SpeechModel model = SpeechModel.load(folder, SCALAR)) {
                if (seed % 10 == 0) {
                    model.infer(java.util.List.of(new float[4 * model.inputWidth()]));
                }
            } catch (CheckpointException e) {
                assertThat(e.getMessage()).as("seed %d", seed).hasSizeLessThan(3_000);
                refused++;
            } catch (RuntimeException | Error e) {
                fail("seed " + seed + " of " + name, e);
            }
        }
        assertThat(refused).isGreaterThan(times / 4);
    }

    private static byte[] damage(byte[] good, int reach, Random random) {
        byte[] bad = good.clone();
        for (int i = random.nextInt(3); i >= 0; i--) {
            int at = random.nextInt(reach);
            switch (random.nextInt(5)) {
                case 0 -> bad[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bad[at] = (byte) random.nextInt(256);
                case 2 -> bad[at] = (byte) SYNTAX.charAt(random.nextInt(SYNTAX.length()));
                case 3 -> bad = Arrays.copyOf(bad, at + random.nextInt(bad.length));
                default -> bad = splice(bad, at, random);
            }
            reach = Math.max(1, Math.min(reach, bad.length));
        }
        return bad;
    }

    /** Repeats some bytes, or puts a large number where something else was. */
    private static byte[] splice(byte[] bytes, int at, Random random) {
        byte[] inserted =
                random.nextBoolean()
                        ? Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 60))
                        : "9223372036854775807".getBytes(StandardCharsets.US_ASCII);
        byte[] longer = Arrays.copyOf(bytes, bytes.length + inserted.length);
        System.arraycopy(inserted, 0, longer, at, inserted.length);
        System.arraycopy(bytes, at, longer, at + inserted.length, bytes.length - at);
        return longer;
    }
}
