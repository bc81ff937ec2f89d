package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts to tokens. */
class HuggingFaceEncoderTest extends TokenizerFiles {
    private static final List<String> ODD_TEXTS =
            List.of(
                    "",
                    " ",
                    "\0",
                    "\0\u0001\u001B\u007F",
                    "😀🎉",
                    "\uD800",
                    "a\uDC00b\uD83D",
                    "ÅÄÖ 中文 עברית",
                    "\u202E\uFEFF\uFFFF");

    @Test
    void wordPieceAddsSpecialTokensAndIgnoresTheFilesPaddingAndTruncation() throws IOException {
        try (HuggingFaceEncoder encoder = load(WORD_PIECE, 8, 8)) {
            assertThat(encoder.encode("Attention is ALL x")).containsExactly(2, 4, 5, 6, 7, 1, 3);
            assertThat(encoder.encode("")).containsExactly(2, 3);
        }
    }

    @Test
    void truncationKeepsTheSpecialTokens() throws IOException {
        try (HuggingFaceEncoder encoder = load(WORD_PIECE, 5, 8)) {
            assertThat(encoder.encode("is ".repeat(100))).containsExactly(2, 6, 6, 6, 3);
        }
    }

    @Test
    void aLongTextHasTheTokensOfItsBeginning() throws IOException {
        try (HuggingFaceEncoder encoder = load(WORD_PIECE, 40, 8)) {
            int[] tokens = encoder.encode("attention is all ".repeat(10_000));
            assertThat(tokens).hasSize(40).startsWith(2, 4, 5, 6, 7, 4, 5, 6, 7).endsWith(5, 3);
            // Its words are long: the first piece that is read doesn't give 40 tokens.
            String words = ("all" + " ".repeat(60)).repeat(1_000);
            assertThat(encoder.encode(words)).hasSize(40);
            assertThat(encoder.encode("is" + "x".repeat(1 << 20))).containsExactly(2, 1, 3);
        }
    }

    /** With more than a hundred characters a word is unknown, whatever its beginning is. */
    @Test
    void aWordIsNotCutBeforeItIsTokenized() throws IOException {
        String word = "atten" + "tion".repeat(25);
        try (HuggingFaceEncoder encoder = load(WORD_PIECE, 8, 8)) {
            assertThat(encoder.encode(word)).containsExactly(2, 1, 3);
        }
        try (HuggingFaceEncoder encoder = load(WORD_PIECE, 42, 8)) {
            int[] unknown = new int[42];
            Arrays.fill(unknown, 1);
            unknown[0] = 2;
            unknown[41] = 3;
            // No space anywhere, and the first piece that is read ends inside the twentieth word.
            assertThat(encoder.encode("." + (word + ".").repeat(100))).isEqualTo(unknown);
        }
    }

    /**
     * 512 tokens of 100,000 characters without a space: 5 ms, and 150 where much of them is read.
     */
    @Test
    void noMoreIsReadOfATextWithoutSpacesThanItsTokensNeed() throws IOException {
        try (HuggingFaceEncoder encoder = load(WORD_PIECE, 512, 8)) {
            long apart = nanosToEncode(encoder, "中中中 ".repeat(25_000));
            assertThat(nanosToEncode(encoder, "中".repeat(100_000))).isLessThan(10 * apart);
        }
    }

    /** The least of ten times. */
    private static long nanosToEncode(HuggingFaceEncoder encoder, String text) {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            long begin = System.nanoTime();
            assertThat(encoder.encode(text)).hasSize(512);
            least = Math.min(least, System.nanoTime() - begin);
        }
        return least;
    }

    @Test
    void bytePairsAreMerged() throws IOException {
        try (HuggingFaceEncoder encoder = load(BPE, 8, 5)) {
            assertThat(encoder.encode("all la z")).containsExactly(4, 2, 1, 0);
            assertThat(encoder.encode("")).containsExactly(0);
        }
    }

    @Test
    void unigramTakesTheLikeliestPieces() throws IOException {
        try (HuggingFaceEncoder encoder = load(UNIGRAM, 8, 4)) {
            assertThat(encoder.encode("all la")).containsExactly(3, 2, 1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {WORD_PIECE, BPE, UNIGRAM})
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void anyTextHasTokensWithinTheLimits(String json) throws IOException {
        try (HuggingFaceEncoder encoder = load(json, 16, 8)) {
            for (String text : ODD_TEXTS) {
                assertThat(encoder.encode(text)).hasSizeBetween(1, 16);
            }
            assertThat(encoder.encode("x".repeat(1 << 20))).hasSizeBetween(1, 16);
            assertThat(encoder.encode("all is ".repeat(1 << 17))).hasSize(16);
        }
    }

    @Test
    void closingWaitsForATextThatIsBeingTokenized() throws IOException {
        String text = "all la z ".repeat(20_000);
        HuggingFaceEncoder encoder = load(BPE, 60_000, 5);
        int[] expected = encoder.encode(text);
        FutureTask<Void> texts =
                new FutureTask<>(
                        () -> {
                            while (true) {
                                assertThat(encoder.encode(text)).isEqualTo(expected);
                            }
                        });
        Thread other = new Thread(texts);
        other.start();
        while (!isInNativeCode(other)) {
            assertThat(texts).isNotDone();
        }
        encoder.close();
        assertThat(isInNativeCode(other)).isFalse();
        assertThatThrownBy(texts::get)
                .hasCauseInstanceOf(IllegalStateException.class)
                .hasMessageContaining("released already");
    }

    private static boolean isInNativeCode(Thread thread) {
        return Arrays.stream(thread.getStackTrace())
                .anyMatch(
                        frame ->
                                frame.isNativeMethod()
                                        && frame.getClassName().endsWith(".TokenizersLibrary"));
    }

    @Test
    void theStrideIsNotTakenFromTheFile() throws IOException {
        String stride = WORD_PIECE.replace("\"stride\": 0", "\"stride\": 100");
        try (HuggingFaceEncoder encoder = load(stride, 4, 8)) {
            assertThat(encoder.encode("attention is all")).containsExactly(2, 4, 5, 3);
        }
    }

    @Test
    void onlyHalvesOfSurrogatePairsAreReplaced() {
        assertThat(HuggingFaceEncoder.wellFormed("a\uDC00b\uD83D")).isEqualTo("a\uFFFDb\uFFFD");
        assertThat(HuggingFaceEncoder.wellFormed("\uD83D\uDE00\uD83D")).isEqualTo("😀\uFFFD");
        assertThat(HuggingFaceEncoder.wellFormed("plain")).isSameAs("plain");
    }
}
