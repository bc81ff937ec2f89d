package org.flinksigmoid.operators.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.apache.flink.table.api.ValidationException;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.junit.jupiter.api.Test;

class SigmoidModelOptionsTest {
    /** And not as many threads as there are processors where the statement is planned. */
    @Test
    void withoutThreadsAModelTakesAllProcessorsOfItsTaskManager() {
        assertThat(TranscribeOptions.parse("").engine().threads())
                .isEqualTo(ModelOptions.ALL_PROCESSORS);
        assertThat(TranscribeOptions.parse("threads = 3").engine().threads()).isEqualTo(3);
    }

    @Test
    void noThreadsAndNoSuchGpuAreRefused() {
        assertThatThrownBy(() -> TranscribeOptions.parse("threads = 0"))
                .isInstanceOf(ValidationException.class)
                .hasMessage("TRANSCRIBE, options: threads: expected 1 to 1024, found 0");
        assertThatThrownBy(() -> TranscribeOptions.parse("device = -1"))
                .isInstanceOf(ValidationException.class)
                .hasMessage("TRANSCRIBE, options: device: expected >= 0, found -1");
    }
}
