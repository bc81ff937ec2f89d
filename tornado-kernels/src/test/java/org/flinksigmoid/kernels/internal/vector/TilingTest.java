package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TilingTest {
    @Test
    void everyOutputIsInOneTileAndFewAreOver() {
        for (int outputs = 1; outputs <= 600; outputs++) {
            Tiling tiling = Tiling.of(outputs);
            int next = 0;
            for (int tile = 0; tile < tiling.tiles(); tile++) {
                assertThat(tiling.first(tile)).isEqualTo(next);
                for (int output = next; output < next + tiling.size(tile); output++) {
                    assertThat(tiling.tileOf(output)).isEqualTo(tile);
                }
                next += tiling.size(tile);
            }
            assertThat(tiling.padded()).isEqualTo(next).isBetween(outputs, outputs + Lanes.TILE);
            assertThat(next - outputs).isLessThan(tiling.size(tiling.tiles() - 1));
        }
    }

    @Test
    void multiplesOfFourFromEightOnLeaveNothingOverInTilesOfTwelveAndEight() {
        if (Lanes.LONG_TILE == 12) {
            for (int outputs = 8; outputs <= 600; outputs += 4) {
                assertThat(Tiling.of(outputs).padded()).isEqualTo(outputs);
            }
        }
    }
}
