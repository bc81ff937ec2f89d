package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TextCostTest {
    private final TextCost cost = new TextCost();

    @Test
    void aTextIsReadUpToTwoMillionCharacters() {
        assertThat(cost.longest()).isEqualTo(TextCost.LONGEST);
        cost.takes(length -> 1000);
        cost.grows(2);
        assertThat(cost.longest()).isEqualTo(TextCost.LONGEST);
    }

    @Test
    void theLongerATextBecomesTheLessIsRead() {
        cost.grows(4);
        assertThat(cost.longest()).isEqualTo(1 << 20);
        cost.grows(2);
        assertThat(cost.longest()).isEqualTo(1 << 19);
        cost.grows(1024);
        assertThat(cost.longest()).isEqualTo(1 << 9);
        cost.grows(Double.MAX_VALUE);
        assertThat(cost.longest()).isLessThan(TextCost.LEAST);
    }

    @Test
    void theSquareOfATextIsBounded() {
        cost.takes(length -> length);
        assertThat(cost.longest()).isBetween(3 << 15, 1 << 17);
        cost.takes(length -> (double) length * length);
        assertThat(cost.longest()).isBetween(1 << 11, 1 << 12);
    }

    @Test
    void whatHasNoEndTakesNoText() {
        cost.takes(length -> Double.POSITIVE_INFINITY);
        assertThat(cost.longest()).isZero();
    }
}
