package org.flinksigmoid.pipelines.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class WordErrorsTest {
    @Test
    void countsSubstitutionsInsertionsAndDeletions() {
        assertThat(WordErrors.between("1 2 3", "1 2 3")).isEqualTo(new WordErrors(0, 3));
        assertThat(WordErrors.between("1 2 3", "1 9 3")).isEqualTo(new WordErrors(1, 3));
        assertThat(WordErrors.between("1 2 3", "1 3")).isEqualTo(new WordErrors(1, 3));
        assertThat(WordErrors.between("1 2 3", "1 2 2 3 4")).isEqualTo(new WordErrors(2, 3));
        assertThat(WordErrors.between("1 2 3", "2 3 1")).isEqualTo(new WordErrors(2, 3));
        assertThat(WordErrors.between("", " 7  8 ")).isEqualTo(new WordErrors(2, 0));
        assertThat(WordErrors.between("7 8", "")).isEqualTo(new WordErrors(2, 2));
    }

    @Test
    void rateIsErrorsOfAllTextsOverWordsOfAllTexts() {
        WordErrors sum = WordErrors.between("1 2 3", "1 2").plus(WordErrors.between("4", "4"));
        assertThat(sum.rate()).isEqualTo(0.25);
        assertThat(WordErrors.NONE.rate()).isZero();
    }

    @Property(tries = 200, seed = "20261201")
    void distanceIsSymmetricAndBoundedByTheLongerText(
            @ForAll @CharRange(from = '0', to = '3') @StringLength(max = 8) String a,
            @ForAll @CharRange(from = '0', to = '3') @StringLength(max = 8) String b) {
        String first = String.join(" ", a.split(""));
        String second = String.join(" ", b.split(""));
        long errors = WordErrors.between(first, second).errors();
        assertThat(errors).isEqualTo(WordErrors.between(second, first).errors());
        assertThat(errors)
                .isBetween(
                        (long) Math.abs(a.length() - b.length()),
                        (long) Math.max(a.length(), b.length()));
    }
}
