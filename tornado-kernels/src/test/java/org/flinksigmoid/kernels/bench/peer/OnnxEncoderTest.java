package org.flinksigmoid.kernels.bench.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.Backends;
import org.flinksigmoid.kernels.backend.Executable;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.bench.EncoderWork;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Test;

class OnnxEncoderTest {
    @Test
    void theExportedGraphComputesWhatTheProgramDoes() {
        int n = 13;
        EncoderWork work = new EncoderWork(2, 24, 3);
        Input.Features features = work.features(n);
        try (Backend scalar = Backends.select("scalar").open(BackendOptions.defaults());
                Executable program = scalar.prepare(work.program());
                OnnxSession session = new OnnxSession(OnnxEncoder.write(work.program(), n), 1)) {
            float[] ours = program.run(RaggedBatch.ofLengths(n), features)[0];
            var input = session.tensor(features.values(), n, work.width());
            float[][] theirs = (float[][]) session.value(Map.of(OnnxEncoder.INPUT, input));
            for (int r = 0; r < n; r++) {
                for (int c = 0; c < work.width(); c++) {
                    assertThat(theirs[r][c]).isCloseTo(ours[r * work.width() + c], within(1e-5f));
                }
            }
        }
    }
}
