package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProcessorTest {
    @ParameterizedTest
    @CsvSource({"23, false", "25, true", "26, false", "6, false", "250, false"})
    void ofAmdsFamiliesOneTakesTwoCycles(int family, boolean expected) {
        String description =
                """
                processor\t: 0
                vendor_id\t: AuthenticAMD
                cpu family\t: %d
                model\t\t: 25
                """
                        .formatted(family);
        assertThat(Processor.halvesLongVectors(description.lines())).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"''", "'CPU implementer\t: 0x41\n'"})
    void whatSaysNoFamilyIsNotKnown(String description) {
        assertThat(Processor.halvesLongVectors(description.lines())).isFalse();
    }
}
