package org.flinksigmoid.kernels.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.backend.AttentionKernel;
import org.flinksigmoid.kernels.backend.Availability;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.BackendProvider;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Program;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** When a device is taken, and given back. */
class LoadedEncoderTest {
    private static final ModelOptions OPTIONS = ModelOptions.defaults();

    @TempDir private Path folder;

    private final FullDevice device = new FullDevice();

    /** A device that takes no program, and counts who opens and closes it. */
    private static final class FullDevice implements BackendProvider, Backend {
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
            throw new IllegalStateException("the device is full");
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

    private void load() {
        Backends.Selection selection = Backends.select(device.name(), List.of(device));
        LoadedEncoder.load(folder, LoadedEncoder.readConfig(folder), selection, OPTIONS);
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
    void aDeviceThatDoesNotTakeTheModelIsGivenBack() {
        assertThatThrownBy(this::load).hasMessage("the device is full");
        assertThat(device.opened).isEqualTo(1);
        assertThat(device.closed).isEqualTo(1);
    }
}
