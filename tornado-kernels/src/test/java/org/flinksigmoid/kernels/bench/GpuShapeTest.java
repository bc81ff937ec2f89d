package org.flinksigmoid.kernels.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GpuShapeTest {
    @Test
    void readsWhatItWrites() {
        assertThat(GpuShape.table())
                .hasSize(27)
                .allSatisfy(shape -> assertThat(GpuShape.parse("" + shape)).isEqualTo(shape));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    dense,64,fp16,1,1        | six parts such as dense,64,fp16,16,16,1024, found dense
                    sparse,64,fp16,1,1,100   | a kind of dense, causal, window or ragged, found sparse
                    dense,80,fp16,1,1,100    | a head of 32, 64, 96 or 128, found 80
                    dense,64,fp32,1,1,100    | a type of fp16 or bf16, found fp32
                    dense,64,fp16,0,1,100    | a batch of at least 1, found 0
                    dense,64,fp16,1,-1,100   | at least 1 head, found -1
                    dense,64,fp16,1,1,0      | a length of at least 1, found 0
                    ragged,64,fp16,1,1,63    | a length of at least 64, found 63
                    dense,64,fp16,1,1,       | a number, found
                    dense,64,fp16,1,1,1e3    | a number, found 1e3
                    dense,64,bf16,99999,2,99999 | at most 2^30 elements, found 1.28e+12
                    dense,64,bf16,99999,99999,1 | at most 2^20 heads in all, found 9999800001
                    """)
    void refusesWhatNoKernelTakes(String text, String reason) {
        assertThatThrownBy(() -> GpuShape.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected " + reason);
    }

    @Test
    void raggedLengthsLieBetweenTheShortestAndTheLongest() {
        int[] lengths = GpuShape.parse("ragged,32,fp16,300000,1,80").lengths();
        assertThat(Arrays.stream(lengths).summaryStatistics())
                .satisfies(all -> assertThat(all.getMin()).isEqualTo(64))
                .satisfies(all -> assertThat(all.getMax()).isEqualTo(80));
    }
}
