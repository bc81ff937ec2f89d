package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
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
    void aBrokenFileIsRefused() {
        assertRefused("", 8, "tokenizer.json: expected a JSON object");
        assertRefused("{", 8, "tokenizer.json: expected well-formed JSON");
        assertRefused("{}", 8, "model: expected an object, found nothing");
        assertRefused(
                WORD_PIECE.replace("\"WordPiece\", \"unk", "\"Markov\", \"unk"),
                8,
                "model.type: expected one of \"BPE\", \"Unigram\", \"WordPiece\", found"
                        + " \"Markov\"");
        assertRefused(WORD_PIECE.replace("\"is\": 6", "\"is\": -6"), 8, "2^31-1, found -6");
        assertRefused(WORD_PIECE.replace("\"is\": 6", "\"is\": \"6\""), 8, "model.vocab: expected");
        assertRefused("{\"model\":{\"type\":\"BPE\"}}", 8, "model.vocab: expected an object");
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
                "normalizer | {'type':'Replace','pattern':{'Regex':'b*+'},'content':'x'}",
                "normalizer | {'type':'Replace','pattern':{'Regex':'^'},'content':'x'}",
                "normalizer | {'type':'Unknown'}",
                "pre_tokenizer |"
                    + " {'type':'Split','pattern':{'Regex':'(x+x+)+y'},'behavior':'Isolated','invert':false}",
                "pre_tokenizer |"
                    + " {'type':'Split','pattern':{'Regex':'(*FAIL)'},'behavior':'Isolated','invert':false}",
                "pre_tokenizer | {'type':'FixedLength','length':0}",
                "normalizer | {'type':'Replace','pattern':{'Regex':'(a{1,3}){40}'},'content':''}",
                "normalizer | {'type':'BertNormalizer','precompiled_charsmap':'AAAA'}",
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

    private static String part(String type) {
        return "{\"type\": \"%s\"}".formatted(type);
    }

    private static String sequence(String key, String part, int times) {
        return "{\"type\": \"Sequence\", \"%s\": [%s%s]}"
                .formatted(key, (part + ",").repeat(times - 1), part);
    }

    /** Each doubles what is not ASCII. */
    @Test
    void partsThatMakeATextEverLongerAreRefused() {
        String message =
                "expected what takes twenty seconds and two gigabytes at most for any text of 2048";
        String bytes = part("ByteLevel");
        assertRefused(
                UNIGRAM.replace(
                        "\"normalizer\": null",
                        "\"normalizer\": " + sequence("normalizers", bytes, 20)),
                8,
                "normalizer.normalizers[6].type: " + message);
        String flags =
                ", \"add_prefix_space\": false, \"trim_offsets\": false, \"use_regex\": false}";
        assertRefused(
                UNIGRAM.replace(
                        "{\"type\": \"Whitespace\"}",
                        sequence("pretokenizers", bytes.replace("}", flags), 20)),
                8,
                "pre_tokenizer.pretokenizers[5].type: " + message);
        assertRefused(
                UNIGRAM.replace(
                        "\"normalizer\": null",
                        "\"normalizer\": "
                                + sequence(
                                        "normalizers",
                                        "{\"type\": \"Prepend\", \"prepend\": \"%s\"}"
                                                .formatted("x".repeat(1000)),
                                        60)),
                8,
                "normalizer.normalizers[1].type: " + message);
    }

    /** As in ALBERT's files that were saved again: what is taken apart can't be once more. */
    @Test
    void aTextThatIsTakenApartTwiceIsNoLonger() throws IOException {
        String apart = part("NFKD");
        String again =
                UNIGRAM.replace("null, \"pre", sequence("normalizers", apart, 4) + ", \"pre");
        try (HuggingFaceEncoder encoder = load(again, 8, 8)) {
            assertThat(encoder.encode("\u24D0ll all")).containsExactly(3, 3); // a in a circle
        }
        String ligature =
                "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\":"
                        + " \"\uFDFA\"}";
        assertRefused(
                UNIGRAM.replace(
                        "null, \"pre",
                        sequence("normalizers", apart + "," + ligature, 4) + ", \"pre"),
                8,
                "normalizer.normalizers[4].type: expected what takes twenty seconds");
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
    void whatNativeCodeSaysOfARegularExpressionIsPassedOn() {
        assertRefused(
                UNIGRAM.replace(
                        "{\"type\": \"Whitespace\"}",
                        "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(?=a)*\"}, \"behavior\":"
                                + " \"Isolated\", \"invert\": false}"),
                8,
                "pattern.Regex: expected a tokenizer of the tokenizers library, found Oniguruma"
                        + " error: target of repeat operator is invalid in tokenizer.json");
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
    void aKeyThatStandsTwiceIsRefused() {
        assertRefused(
                UNIGRAM.replace("\"normalizer\": null", "\"normalizer\": null, \"normalizer\": 1"),
                8,
                "tokenizer.json: expected well-formed JSON, found Duplicate field 'normalizer'");
    }

    /** Native code takes a part for another one whose keys it has, whatever its type says. */
    @Test
    void aPartIsOfTheTypeThatItNames() throws IOException {
        String keys = "\"pattern\": {\"Regex\": \"(a+)+$\"}, \"content\": \"\"";
        assertRefused(
                UNIGRAM.replace(
                        "\"normalizer\": null",
                        "\"normalizer\": {\"type\": \"BertNormalizer\", " + keys + "}"),
                8,
                "normalizer.clean_text: expected true or false, found nothing");
        String pairs = ", \"cls\": [\"c\", 99], \"sep\": [\"s\", 99], \"trim_offsets\": true}";
        String bytes = part("ByteLevel").replace("}", pairs);
        String processed =
                UNIGRAM.replace("\"post_processor\": null", "\"post_processor\": " + bytes);
        try (HuggingFaceEncoder encoder = load(processed, 8, 8)) {
            assertThat(encoder.encode("all")).containsExactly(3);
        }
    }

    @Test
    void specialTokensStandAroundAText() throws IOException {
        String template =
                "{\"type\": \"TemplateProcessing\", \"single\": [%s], \"pair\": [],"
                    + " \"special_tokens\": {\"x\": {\"id\": \"x\", \"ids\": [1, 2], \"tokens\":"
                    + " [\"a\", \"l\"]}}}";
        String x = "{\"SpecialToken\": {\"id\": \"x\", \"type_id\": 0}}";
        String text = "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}";
        String file = UNIGRAM.replace("\"post_processor\": null", "\"post_processor\": %s");
        String around = template.formatted(x + "," + text + "," + x);
        try (HuggingFaceEncoder encoder = load(file.formatted(around), 6, 8)) {
            assertThat(encoder.encode("all")).containsExactly(1, 2, 3, 1, 2);
            assertThat(encoder.encode("all all all")).containsExactly(1, 2, 3, 3, 1, 2);
            assertThat(encoder.encode("")).containsExactly(1, 2, 1, 2);
        }
        assertThatThrownBy(() -> load(file.formatted(around), 4, 8))
                .hasMessageStartingWith(
                        "post_processor: expected at most 3 special tokens around a text of 4");
        assertRefused(
                file.formatted(template.formatted(text + "," + text)),
                8,
                "post_processor.single: expected the Sequence A once, found 2 of it");
        assertRefused(
                file.formatted(template.formatted(x)),
                8,
                "post_processor.single: expected the Sequence A once, found 0 of it");
        assertRefused(
                file.formatted(sequence("processors", around, 2)),
                8,
                "post_processor.processors: expected one that adds tokens, found two");
        try (HuggingFaceEncoder encoder =
                load(file.formatted(sequence("processors", around, 1)), 6, 8)) {
            assertThat(encoder.encode("all")).containsExactly(1, 2, 3, 1, 2);
        }
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

    @Test
    void strideAndDirectionAreNotTakenFromTheFile() throws IOException {
        String stride = WORD_PIECE.replace("\"stride\": 0", "\"stride\": 100");
        try (HuggingFaceEncoder encoder = load(stride, 4, 8)) {
            assertThat(encoder.encode("attention is all")).containsExactly(2, 4, 5, 3);
        }
        String left = WORD_PIECE.replace("\"direction\": \"Right\"", "\"direction\": \"Left\"");
        try (HuggingFaceEncoder encoder = load(left, 4, 8)) {
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
