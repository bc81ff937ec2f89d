package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The model of a file, its tokens and those that are added. */
class TokenizerVocabularyTest extends TokenizerFiles {
    @Test
    void idsThatTheEmbeddingTableLacksAreRefused() {
        String message =
                "model.vocab: expected token ids below vocab_size %d of config.json, found";
        assertRefused(WORD_PIECE, 7, message.formatted(7) + " id 7 in tokenizer.json");
        assertRefused(UNIGRAM, 3, message.formatted(3) + " id 3");
        assertRefused(
                WORD_PIECE.replace("\"id\": 3", "\"id\": 99"),
                8,
                "added_tokens[3].id: expected token ids below vocab_size 8 of config.json, found id"
                        + " 99");
        assertRefused(
                WORD_PIECE.replace("[\"[SEP]\", 3]", "[\"[SEP]\", 8]"),
                8,
                "post_processor.sep: expected token ids below vocab_size 8 of config.json, found"
                        + " 8");
    }

    @Test
    void anAddedTokenThatTheNormalizerLeavesNothingOfIsRefused() {
        String message = "added_tokens.content: expected";
        assertRefused(
                added(token(4, "\u0301", "normalized"))
                        .replace("\"normalizer\": null", "\"normalizer\": " + part("StripAccents")),
                8,
                message);
    }

    /**
     * It would be taken again from each space on: memory for the square of the text's length. With
     * another one that takes spaces its text would end before it begins.
     */
    @ParameterizedTest
    @ValueSource(strings = {"lstrip", "rstrip"})
    void anAddedTokenOfSpacesThatTakesTheSpacesBesideItIsRefused(String side) {
        String replace =
                "\"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"String\": \"%s\"},"
                        + " \"content\": \"%s\"}";
        assertRefused(
                added(token(4, "\u3000", side))
                        .replace("\"normalizer\": null", replace.formatted("\u3000", "x")),
                8,
                "added_tokens[0].content: expected something but spaces");
        assertRefused(
                added(token(4, "x", side, "normalized"))
                        .replace("\"normalizer\": null", replace.formatted("x", "\u3000")),
                8,
                "added_tokens.content: expected");
    }

    /** Native code numbers them by itself, and so beyond the embedding table. */
    @Test
    void addedTokensWhoseIdsContradictTheVocabularyAreRefused() {
        assertRefused(
                added(token(2, "a")),
                8,
                "added_tokens[0].id: expected 1, the id of \"a\" by model.");
        assertRefused(
                added(token(4, "x") + "," + token(4, "y")), 8, "added_tokens[1].id: expected 5");
        assertRefused(
                added(token(4, "x") + "," + token(4, "x", "special")),
                8,
                "added_tokens[1].content: expected each token once");
        assertRefused(added(token(4, "")), 8, "added_tokens[0].content: expected a string of 1");
        assertRefused(
                added(token(4, "x")),
                4,
                "added_tokens[0].id: expected token ids below vocab_size 4");
    }

    @Test
    void addedTokensFollowTheVocabulary() throws IOException {
        try (HuggingFaceEncoder encoder = load(added(token(4, "xx") + "," + token(5, "y")), 8, 6)) {
            assertThat(encoder.encode("axxay")).containsExactly(1, 4, 1, 5);
        }
        String twice = added(token(5, "xx")).replace("-4.0]]", "-4.0], [\"a\", -5.0]]");
        try (HuggingFaceEncoder encoder = load(twice, 8, 6)) {
            assertThat(encoder.encode("axxa")).containsExactly(4, 5, 4);
        }
    }

    private static String token(int id, String content, String... flags) {
        String token = "{\"id\": %d, \"content\": \"%s\"".formatted(id, content);
        for (String flag :
                new String[] {"single_word", "lstrip", "rstrip", "normalized", "special"}) {
            token += ", \"%s\": %s".formatted(flag, List.of(flags).contains(flag));
        }
        return token + "}";
    }

    private static String added(String tokens) {
        return UNIGRAM.replace("\"added_tokens\": []", "\"added_tokens\": [" + tokens + "]");
    }

    @Test
    void aVocabularyOfCodeHasLongRunsOfSpaces() throws IOException {
        String run = "a".repeat(1024);
        String json = BPE.replace("\"all\": 4", "\"all\": 4, \"%s\": 5".formatted(run));
        try (HuggingFaceEncoder encoder = load(json, 8, 8)) {
            assertThat(encoder.encode("all")).containsExactly(4);
        }
        assertRefused(
                json.replace(run, run.repeat(5)),
                8,
                "tokens of at most 4096 characters of Unicode");
    }

    /** In native code a long token ends the process by its depth, a long prefix by its copies. */
    @Test
    void tokensWordsAndAffixesOfAnyLengthAreRefused() {
        String expected = ": expected ";
        assertRefused(
                UNIGRAM.replace("[\"all\"", "[\"%s\"".formatted("a".repeat(257))),
                8,
                "model.vocab" + expected + "at most 256 bytes a token");
        assertRefused(
                WORD_PIECE.replace("word\": 100", "word\": 1000000000"),
                8,
                "model.max_input_chars_per_word" + expected + "an integer from 0 to 1000");
        assertRefused(
                WORD_PIECE.replace("\"##\", \"max", "\"%s\", \"max".formatted("#".repeat(101))),
                8,
                "model.continuing_subword_prefix" + expected + "a string of 0 to 100");
        assertRefused(
                BPE.replace("suffix\": null", "suffix\": \"%s\"".formatted("#".repeat(101))),
                8,
                "model.end_of_word_suffix" + expected + "a string of 0 to 100");
    }

    @Test
    void lessIsReadWhereManyTokensBeginAlike() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, UNIGRAM);
        int plain = TokenizerFile.read(file, 8, 300).longestText();
        String nested =
                IntStream.range(1, 200)
                        .mapToObj(length -> ", [\"%s\", -1.0]".formatted("z".repeat(length)))
                        .collect(Collectors.joining());
        Files.writeString(file, UNIGRAM.replace("-4.0]]", "-4.0]" + nested + "]"));
        assertThat(TokenizerFile.read(file, 8, 300).longestText()).isLessThan(plain / 2);
    }

    @Test
    void tokensByChanceAreRefused() throws IOException {
        assertRefused(
                BPE.replace("dropout\": null", "dropout\": 0.1"), 8, "model.dropout: expected");
        load(BPE.replace("dropout\": null", "dropout\": 0.0"), 8, 8).close();
    }

    @Test
    void aVocabularyWithoutATokenForWhatItLacksIsRefused() {
        String message = "model.unk_token: expected a token of vocab, found ";
        assertRefused(BPE.replace("\"?\": 0, ", ""), 8, message + "\"?\"");
        assertRefused(
                WORD_PIECE.replace("token\": \"[UNK]\"", "token\": \"no\""), 8, message + "\"no\"");
        String id = "model.unk_id: expected an integer from 0 to 3, found ";
        assertRefused(UNIGRAM.replace("\"unk_id\": 0", "\"unk_id\": null"), 8, id + "nothing");
        assertRefused(UNIGRAM.replace("\"unk_id\": 0", "\"unk_id\": 4"), 8, id + "4");
    }

    @Test
    void mergesWithoutTheSubwordPrefixAreRefused() {
        String prefix = "\"continuing_subword_prefix\": \"##\"";
        String message = "model.merges: expected pairs of tokens of vocab";
        assertRefused(BPE.replace("\"continuing_subword_prefix\": null", prefix), 8, message);
        String late = BPE.replace("al l\"]", "al l\"], " + prefix);
        assertRefused(late.replace("\"continuing_subword_prefix\": null,", ""), 8, message);
        assertRefused(BPE.replace("al l\"]", "al z\"]"), 8, message);
        assertRefused(BPE.replace("al l\"]", "l a\"]"), 8, message);
        assertRefused(BPE.replace("al l\"]", "al l l\"]"), 8, message);
        assertRefused(BPE.replace("\"al l\"]", "[\"al\", null]]"), 8, message);
    }

    @Test
    void mergesAreStringsOrPairs() throws IOException {
        String pairs = BPE.replace("[\"a l\", \"al l\"]", "[[\"a\", \"l\"], [\"al\", \"l\"]]");
        try (HuggingFaceEncoder encoder = load(pairs, 8, 5)) {
            assertThat(encoder.encode("all la z")).containsExactly(4, 2, 1, 0);
        }
    }
}
