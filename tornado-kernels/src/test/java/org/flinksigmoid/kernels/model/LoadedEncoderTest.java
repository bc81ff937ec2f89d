package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When a device is taken, and given back. */
class LoadedEncoderTest {
    private static final ModelOptions OPTIONS = ModelOptions.defaults();

    @TempDir private Path folder;

    private final FullDevice device = new FullDevice();

    /** A device that takes no program unless told how, and counts who opens and closes it. */
    private static final class FullDevice implements BackendProvider, Backend {
        private Function<Program, Executable> preparation =
                program -> {
                    throw new IllegalStateException("the device is full");
                };

        private int opened;
        private int closed;

        @Override
        public String name() {
            return "full";
        }

        @Override
        public int rank() {
            return 1;
        }

        @Override
        public Availability availability() {
            return new Availability.Available("a device");
        }

        @Override
        public Backend open(BackendOptions options) {
            opened++;
            return this;
        }

        @Override
        public String description() {
            return "a device";
        }

        @Override
        public Executable prepare(Program program) {
            return preparation.apply(program);
        }

        @Override
        public AttentionKernel attention(AttentionSpec spec) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void close() {
            closed++;
        }
    }

    @BeforeEach
    void writeModel() {
        TinyCheckpoint.text("score").write(folder);
    }

    private LoadedEncoder load() {
        Backends.Selection selection = Backends.select(device.name(), List.of(device));
        return LoadedEncoder.load(folder, LoadedEncoder.readConfig(folder), selection, OPTIONS);
    }

    @Test
    void damagedWeightsAreRefusedBeforeADeviceIsTaken() throws IOException {
        Path weights = folder.resolve("model.safetensors");
        byte[] good = Files.readAllBytes(weights);

        Files.write(weights, Arrays.copyOf(good, good.length - 1)); // cut short
        assertThatThrownBy(this::load).isInstanceOf(CheckpointException.class);

        TinyCheckpoint other = TinyCheckpoint.text("score").generate();
        other.tensors.remove(other.tensors.keySet().iterator().next()); // sound, but incomplete
        other.write(folder);
        assertThatThrownBy(this::load).isInstanceOf(CheckpointException.class);

        assertThat(device.opened).isZero();
    }

    @Test
    void aWarningIsSaidOnceAndNotRememberedForEver() {
        for (int i = 0; i < 1000; i++) {
            assertThat(LoadedEncoder.isNew("warning " + i)).isTrue();
            assertThat(LoadedEncoder.isNew("warning " + i)).isFalse();
            assertThat(LoadedEncoder.warnings()).isLessThanOrEqualTo(100);
        }
    }

    @Test
    void aDeviceThatDoesNotTakeTheModelIsGivenBack() {
        assertThatThrownBy(this::load).hasMessage("the device is full");
        assertThat(device.opened).isEqualTo(1);
        assertThat(device.closed).isEqualTo(1);
    }

    @Test
    void weightsThatTheHeapHasNoRoomForAreRefused() {
        device.preparation =
                program -> {
                    throw new OutOfMemoryError("Java heap space");
                };
        assertThatThrownBy(this::load)
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("model.safetensors: expected weights that fit into")
                .hasCauseInstanceOf(OutOfMemoryError.class);
        assertThat(device.closed).isEqualTo(1);
    }

    @Test
    void aDeviceThatCanNotFreeTheModelIsGivenBack() {
        device.preparation =
                program ->
                        new Executable() {
                            @Override
                            public float[][] run(RaggedBatch batch, Input input) {
                                throw new UnsupportedOperationException();
                            }

                            @Override
                            public void close() {
                                throw new IllegalStateException("the device is lost");
                            }
                        };
        LoadedEncoder model = load();
        assertThatThrownBy(model::close).hasMessage("the device is lost");
        assertThat(device.closed).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"scalar", "vector"})
    void weightsThatAreCutShortWhileTheyAreReadAreRefused(String backend) {
        Backend real = Backends.select(backend).open(OPTIONS.toBackendOptions());
        device.preparation =
                program -> {
                    cutShort();
                    return real.prepare(program);
                };
        refusesWhatChanged();
        real.close();
    }

    private void cutShort() {
        try (FileChannel weights =
                FileChannel.open(folder.resolve("model.safetensors"), StandardOpenOption.WRITE)) {
            weights.truncate(0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void weightsThatAreReplacedWhileTheyAreReadAreRefused() throws IOException {
        // Written just now, both could have the same time: file systems' clocks tick slowly.
        Files.setLastModifiedTime(folder.resolve("model.safetensors"), FileTime.fromMillis(0));
        Backend real = Backends.select("scalar").open(OPTIONS.toBackendOptions());
        device.preparation =
                program -> {
                    TinyCheckpoint.text("score").write(folder);
                    return real.prepare(program);
                };
        refusesWhatChanged();
        real.close();
    }

    private void refusesWhatChanged() {
        assertThatThrownBy(this::load)
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("model.safetensors: expected a file that stays as it is");
        assertThat(device.closed).isEqualTo(1);
    }
}
