package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HuggingFaceEncoderTest {
    private static final String WORD_PIECE =
            """
            {"version": "1.0",
             "truncation": {"direction": "Right", "max_length": 3, "strategy": "LongestFirst",
                            "stride": 0},
             "padding": {"strategy": {"Fixed": 128}, "direction": "Right",
                         "pad_to_multiple_of": null, "pad_id": 0, "pad_type_id": 0,
                         "pad_token": "[PAD]"},
             "added_tokens": [
               {"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true},
               {"id": 1, "content": "[UNK]", "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true},
               {"id": 2, "content": "[CLS]", "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true},
               {"id": 3, "content": "[SEP]", "single_word": false, "lstrip": false,
                "rstrip": false, "normalized": false, "special": true}],
             "normalizer": {"type": "BertNormalizer", "clean_text": true,
                            "handle_chinese_chars": true, "strip_accents": null,
                            "lowercase": true},
             "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3],
                                "cls": ["[CLS]", 2]},
             "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
             "model": {"type": "WordPiece", "unk_token": "[UNK]",
                       "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
                       "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "atten": 4,
                                 "##tion": 5, "is": 6, "all": 7}}}
            """;
    private static final String BPE =
            """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
             "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
             "post_processor": null, "decoder": null,
             "model": {"type": "BPE", "dropout": null, "unk_token": "?",
                       "continuing_subword_prefix": null, "end_of_word_suffix": null,
                       "fuse_unk": false,
                       "vocab": {"?": 0, "a": 1, "l": 2, "al": 3, "all": 4},
                       "merges": ["a l", "al l"]}}
            """;
    private static final String UNIGRAM =
            """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
             "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
             "post_processor": null, "decoder": null,
             "model": {"type": "Unigram", "unk_id": 0,
                       "vocab": [["?", 0.0], ["a", -3.0], ["l", -3.0], ["all", -4.0]]}}
            """;
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

    @TempDir Path folder;

    private HuggingFaceEncoder load(String json, int most, int vocabulary) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, json);
        return HuggingFaceEncoder.load(file, most, vocabulary);
    }

    private void assertRefused(String json, int vocabulary, String message) {
        assertThatThrownBy(() -> load(json, 8, vocabulary).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
    }

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
    void idsThatTheEmbeddingTableLacksAreRefused() {
        String message =
                "model.vocab: expected token ids below vocab_size %d of config.json, found";
        assertRefused(WORD_PIECE, 7, message.formatted(7) + " id 7 in tokenizer.json");
        assertRefused(UNIGRAM, 3, message.formatted(3) + " id 3");
        assertRefused(
                WORD_PIECE.replace("\"id\": 3", "\"id\": 99"), 8, message.formatted(8) + " id 99");
    }

    @Test
    void aBrokenFileIsRefused() {
        assertRefused("", 8, "tokenizer.json: expected a JSON object");
        assertRefused("{", 8, "tokenizer.json: expected well-formed JSON");
        assertRefused("{}", 8, "model.type: expected one of [BPE, Unigram, WordPiece], found not");
        assertRefused(WORD_PIECE.replace("\"WordPiece\", \"unk", "\"Markov\", \"unk"), 8, "Markov");
        assertRefused(WORD_PIECE.replace("\"is\": 6", "\"is\": -6"), 8, "2^31-1, found -6");
        assertRefused(WORD_PIECE.replace("\"is\": 6", "\"is\": \"6\""), 8, "model.vocab: expected");
        assertRefused("{\"model\":{\"type\":\"BPE\"}}", 8, "tokenizer.json: expected a tokenizer");
        assertRefused("{\"a\":" + "[".repeat(100_000), 8, "tokenizer.json: expected well-formed");
    }

    /** Each of them ends the process in native code, at once or with some text. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "normalizer | {'type':'Precompiled','precompiled_charsmap':'AAAA'}",
                "normalizer | {'type':'Precompiled'}",
                "normalizer | {'type':'Replace','pattern':{'Regex':'(a+)+$'},'content':''}",
                "normalizer | {'type':'Replace','pattern':{'String':''},'content':'%s'}",
                "normalizer | {'type':'Sequence','normalizers':[{'type':'Precompiled'}]}",
                "normalizer | {'type':'Unknown'}",
                "pre_tokenizer |"
                    + " {'type':'Split','pattern':{'Regex':'(x+x+)+y'},'behavior':'Isolated','invert':false}",
                "pre_tokenizer | {'type':'FixedLength','length':0}",
                "post_processor |"
                    + " {'type':'TemplateProcessing','single':[{'SpecialToken':{'id':'X','type_id':0}}],'pair':[],'special_tokens':{}}",
                "post_processor |"
                    + " {'type':'TemplateProcessing','single':[{'Sequence':{'id':'B','type_id':0}}],'pair':[],'special_tokens':{}}",
                "post_processor | {'type':'BertProcessing','sep':['s',4000000000],'cls':['c',1]}",
            })
    void partsThatNativeCodeWouldNotSurviveAreRefused(String part, String json) {
        String value = json.replace('\'', '"').replace("%s", "x".repeat(200));
        assertRefused(
                UNIGRAM.replaceFirst("\"" + part + "\": [^,]*[,}]\\s", "")
                        .replaceFirst(
                                "\\{", "{\"" + part + "\": " + value.replace("$", "\\$") + ", "),
                8,
                part);
    }

    @Test
    void anAddedTokenThatTheNormalizerLeavesNothingOfIsRefused() {
        String token =
                "[{\"id\": 1, \"content\": \"%s\", \"single_word\": false, \"lstrip\": false,"
                        + " \"rstrip\": false, \"normalized\": true, \"special\": false}]";
        String stripped =
                UNIGRAM.replace(
                        "\"normalizer\": null", "\"normalizer\": {\"type\": \"StripAccents\"}");
        assertRefused(
                stripped.replace(
                        "\"added_tokens\": []", "\"added_tokens\": " + token.formatted("\u0301")),
                8,
                "added_tokens.content: expected");
    }

    @Test
    void aVocabularyWithoutATokenForWhatItLacksIsRefused() {
        String message = "model: expected a token for what the vocabulary lacks, found ";
        assertRefused(BPE.replace("\"?\": 0, ", ""), 8, message);
        assertRefused(WORD_PIECE.replace("token\": \"[UNK]\"", "token\": \"no\""), 8, message);
        assertRefused(UNIGRAM.replace("\"unk_id\": 0", "\"unk_id\": null"), 8, message);
    }

    @Test
    void mergesWithoutTheSubwordPrefixAreRefused() {
        String prefix = "\"continuing_subword_prefix\": \"##\"";
        String prefixed = BPE.replace("\"continuing_subword_prefix\": null", prefix);
        assertRefused(prefixed, 8, "model.merges: expected second tokens");
        String late = BPE.replace("al l\"]", "al l\"], " + prefix);
        assertRefused(late.replace("\"continuing_subword_prefix\": null,", ""), 8, "before merges");
    }

    @Test
    void aStrideBeyondTheMaximumIsNotTakenFromTheFile() throws IOException {
        String stride = WORD_PIECE.replace("\"stride\": 0", "\"stride\": 100");
        try (HuggingFaceEncoder encoder = load(stride, 4, 8)) {
            assertThat(encoder.encode("attention is all")).containsExactly(2, 4, 5, 3);
        }
    }

    @Test
    void charactersAreMappedAsSentencePieceDoes() throws IOException {
        String map = "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"%s\"}";
        String mapped =
                UNIGRAM.replace(
                        "\"normalizer\": null",
                        "\"normalizer\": " + map.formatted(CharacterMapTest.sound()));
        try (HuggingFaceEncoder encoder = load(mapped.replace("[\"l\"", "[\"b\""), 4, 8)) {
            assertThat(encoder.encode("a")).containsExactly(2);
        }
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void aDamagedFileIsRefusedOrLoads() throws IOException {
        byte[] good = WORD_PIECE.getBytes(java.nio.charset.StandardCharsets.UTF_8);
        Path file = folder.resolve("tokenizer.json");
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            byte[] bad = Arrays.copyOf(good, good.length - random.nextInt(2) * random.nextInt(400));
            bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            Files.write(file, bad);
            try (HuggingFaceEncoder encoder = HuggingFaceEncoder.load(file, 16, 8)) {
                assertThat(encoder.encode("attention")).as("seed %d", seed).isNotEmpty();
            } catch (CheckpointException e) {
                assertThat(e.file()).isEqualTo("tokenizer.json");
            }
        }
    }

    @Test
    void onlyHalvesOfSurrogatePairsAreReplaced() {
        assertThat(HuggingFaceEncoder.wellFormed("a\uDC00b\uD83D")).isEqualTo("a\uFFFDb\uFFFD");
        assertThat(HuggingFaceEncoder.wellFormed("\uD83D\uDE00\uD83D")).isEqualTo("😀\uFFFD");
        assertThat(HuggingFaceEncoder.wellFormed("plain")).isSameAs("plain");
    }
}
