package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexCostTest {
    private static final int LENGTH = 10_000;

    private static double steps(String pattern) {
        return RegexCost.of(pattern, LENGTH).steps();
    }

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
        assertThat(steps(pattern)).isLessThanOrEqualTo(5 * LENGTH);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(x+x+)+y",
                "(a|aa)+$",
                "a*a*b",
                "(?:a?){30}a{30}",
                "(?:a|aa){100}",
                "(a{1,3}){40}",
                "(?:a{1}?){40}b",
                "(?=(?:a|aa){90})b",
                "a*a*(?!b*)",
                "(?:(?!a*b)a)*",
                "a*(?i)b|a*c",
                "a*a*b{,}",
                "a*(?<=(?:a|aa){50})b",
                "(?:a{2}){1,9}+a{1,9}?a{1,9}?a{1,9}?a{1,9}?a{1,9}?a{1,9}?a{1,9}?b",
                "(?:(?:a{1,100}){1,100}){1,100}b",
                "(.*?,){11}P",
                "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)"
                        + "(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)(a|b)c"
            })
    void whatATextCanMakeEndlessIsDear(String pattern) {
        assertThat(steps(pattern)).isGreaterThan(1e7);
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
                "\\p{",
                "\\x{(a+)+b}",
                "\\x{}",
                "\\c[(a+)+b]",
                "\\C-[(a+)+b]",
                "\\M-[(a+)+b]",
                "[\\M-[](a+)+b]",
                "a|*b",
                "^+",
                "a\\b?"
            })
    void otherSyntaxIsRefused(String pattern) {
        assertThatThrownBy(() -> steps(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("before character");
    }

    @Test
    void nestedGroupsAreCounted() {
        assertThat(steps("(".repeat(90) + "a" + ")".repeat(90))).isEqualTo(1);
        assertThatThrownBy(() -> steps("(".repeat(1000))).hasMessageContaining("so deep");
    }

    @Test
    void onlyWhatStandsBeforeSomethingThatCanFailCosts() {
        assertThat(steps("a+b*")).isLessThan(5);
        for (String pattern : new String[] {"a+b", "a++b", "(?>a+)b", "(?=a*)a"}) {
            assertThat(steps(pattern)).as(pattern).isBetween(1.0 * LENGTH, 2.0 * LENGTH + 5);
        }
        assertThat(steps(".{0,40}\\w*+\\w{60}")).isGreaterThan(40.0 * LENGTH);
        assertThat(steps("(?:ab)*c")).isBetween(1.0 * LENGTH, 5.0 * LENGTH);
        assertThat(steps("a{1,8}b?c")).isBetween(16.0, 40.0);
        assertThat(steps("(a|b|c)d")).isBetween(3.0, 10.0);
    }

    /** Spaces in a row cost the first of them as many tries, and are taken then. */
    @Test
    void theSpacesOfGptsPatternsAreTakenOnce() {
        String spaces = "\\s+(?!\\S)|\\s+";
        for (String pattern :
                new String[] {
                    spaces, "\\s*[\\r\\n]+|" + spaces, " ?\\p{L}+|\\s*[\\r\\n]+|" + spaces
                }) {
            assertThat(RegexCost.of(pattern, LENGTH)).as(pattern).matches(it -> it.steps() < 10);
            assertThat(RegexCost.of(pattern, 1).matchesNothing()).as(pattern).isFalse();
        }
        assertThat(steps("\\s*[\\r\\n]+|\\s|" + spaces)).isGreaterThan(LENGTH);
        assertThat(steps("a*b|" + spaces)).isGreaterThan(LENGTH);
        assertThatThrownBy(() -> steps("[|" + spaces)).hasMessageContaining("before character");
        assertThatThrownBy(() -> steps("\\|" + spaces)).hasMessageContaining("before character");
    }

    @Test
    void whatMatchesWithoutACharacterIsKnown() {
        for (String pattern :
                new String[] {"", "a*", "a?|b", "^", "\\b", "(?=a)", "a{0,3}", "()"}) {
            assertThat(RegexCost.of(pattern, 1).matchesNothing()).as(pattern).isTrue();
        }
        for (String pattern : new String[] {" {2,}", "a", "\\s+", "[a]", "^a", "a|bc", "(a)b*"}) {
            assertThat(RegexCost.of(pattern, 1).matchesNothing()).as(pattern).isFalse();
        }
    }
}
