package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexCostTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                " {2,}",
                "\\s+",
                "\\w+|[^\\w\\s]+",
                "[0-9][0-9][0-9]",
                "(?<=\\d)(?=\\D)|\\b",
                " ?[^(\\s|[.,!?…。，、।۔،])]+",
                "<\\|startoftext\\|>|'s|'t|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+",
                "'s|'t| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}]+[\\r\\n]*"
                        + "|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{M}]*[\\p{Ll}\\p{M}]+(?i:'s|'t)?",
                "[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}]++[\\r\\n]*+|\\s++$"
            })
    void whatTokenizersSplitByIsCheap(String pattern) {
        assertThat(RegexCost.of(pattern)).isLessThanOrEqualTo(RegexCost.MOST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(x+x+)+y",
                "(a|aa)+$",
                "a*a*b",
                "(?:a?){30}a{30}",
                "(?:(?:a{1,100}){1,100}){1,100}b",
                "(.*?,){11}P",
                "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"
                        + "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c"
            })
    void whatATextCanMakeEndlessIsDear(String pattern) {
        assertThat(RegexCost.of(pattern)).isGreaterThan(RegexCost.MOST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a)\\1",
                "(?<n>a)\\g<n>",
                "(?(1)a)",
                "(*FAIL)",
                "(",
                ")",
                "[",
                "\\",
                "\\p{"
            })
    void otherSyntaxIsRefused(String pattern) {
        assertThatThrownBy(() -> RegexCost.of(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("before character");
    }

    @Test
    void nestedGroupsAreCounted() {
        assertThat(RegexCost.of("(".repeat(90) + "a" + ")".repeat(90))).isZero();
        assertThatThrownBy(() -> RegexCost.of("(".repeat(1000))).hasMessageContaining("so deep");
    }

    @Test
    void onlyWhatStandsBeforeSomethingThatCanFailCosts() {
        assertThat(RegexCost.of("a+b*")).isZero();
        assertThat(RegexCost.of("a+b")).isEqualTo(RegexCost.LONGEST_TEXT);
        assertThat(RegexCost.of("a++b")).isZero();
        assertThat(RegexCost.of("(?>a+)b")).isZero();
        assertThat(RegexCost.of("a{1,8}b?c")).isEqualTo(3 + 1);
        assertThat(RegexCost.of("(a|b|c)d")).isEqualTo(2);
    }
}
