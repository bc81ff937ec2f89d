package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** tokenizer_config.json beside a WordPiece that lowercases, which strips accents, too. */
class TokenizerConfigTest extends TokenizerFiles {
    private void config(String json) throws IOException {
        Files.writeString(folder.resolve("tokenizer_config.json"), json.replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'do_lower_case':false,'tokenizer_class':'BertTokenizerFast'|do_lower_case",
                "'do_lower_case':true,'strip_accents':false|strip_accents",
                "'tokenize_chinese_chars':false,'tokenizer_class':'BertTokenizer'"
                        + "|tokenize_chinese_chars",
            })
    void whatTheNormalizerDoesNotDoIsRefused(String keys, String key) throws IOException {
        config("{" + keys + "}");
        String message = ": expected true, as the normalizer of tokenizer.json has it, found false";
        assertRefused(WORD_PIECE, 8, key + message + " in tokenizer_config.json");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'do_lower_case':true,'strip_accents':null,'tokenizer_class':'BertTokenizer'}",
                "{'strip_accents':true,'model_max_length':1000000000000000019884624838656}",
                "{'do_lower_case':false,'tokenizer_class':'PreTrainedTokenizerFast'}",
            })
    void oneThatAgreesIsTaken(String json) throws IOException {
        config(json);
        try (HuggingFaceEncoder encoder = load(WORD_PIECE, 8, 8)) {
            assertThat(encoder.encode("Attention")).containsExactly(2, 4, 5, 3);
        }
    }

    @Test
    void accentsThatAreKeptAlthoughAllIsLowercasedAreTheNormalizersToo() throws IOException {
        config("{'strip_accents':true}");
        String kept = WORD_PIECE.replace("\"strip_accents\": null", "\"strip_accents\": false");
        assertRefused(kept, 8, "strip_accents: expected false, as the normalizer");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'lowercase': true|'lowercase': false|do_lower_case: expected false",
                "'strip_accents': null|'strip_accents': false|strip_accents: expected false",
                "'handle_chinese_chars': true|'handle_chinese_chars': false"
                        + "|tokenize_chinese_chars: expected false",
            })
    void whatItDoesNotSayIsWhatHuggingFaceTakes(String from, String to, String message)
            throws IOException {
        String other = WORD_PIECE.replace(from.replace('\'', '"'), to.replace('\'', '"'));
        config("{'model_max_length':8}");
        assertRefused(
                other,
                8,
                message
                        + ", as the normalizer of tokenizer.json has it, found nothing, which means"
                        + " true in tokenizer_config.json");
        config("{'tokenizer_class':'PreTrainedTokenizerFast'}");
        load(other, 8, 8).close();
        Files.delete(folder.resolve("tokenizer_config.json"));
        load(other, 8, 8).close();
    }

    @Test
    void withoutItABertsTokenizerIsWhatHuggingFaceTakes() throws IOException {
        String cased = WORD_PIECE.replace("\"lowercase\": true", "\"lowercase\": false");
        Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"electra\"}");
        load(WORD_PIECE, 8, 8).close();
        assertRefused(
                cased,
                8,
                "do_lower_case: expected false, as the normalizer of tokenizer.json has it, found"
                        + " nothing, which means true in tokenizer_config.json");
        config("{'tokenizer_class':'ElectraTokenizerFast'}");
        assertRefused(cased, 8, "do_lower_case: expected false");
        config("{'tokenizer_class':'ElectraTokenizerFast','do_lower_case':false}");
        load(cased, 8, 8).close();
        Files.delete(folder.resolve("tokenizer_config.json"));
        Files.writeString(folder.resolve("config.json"), "{\"model_type\":\"flink-sigmoid\"}");
        load(cased, 8, 8).close();
    }

    private static final String TOO =
            ": expected tokens that added_tokens of tokenizer.json has, too (transformers'"
                    + " AutoTokenizer and save_pretrained write it so), found \"<new>\" in ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'mask_token':'<new>'|mask_token",
                "'mask_token':{'content':'<new>','lstrip':true}|mask_token",
                "'additional_special_tokens':['[CLS]','<new>']|additional_special_tokens",
                "'extra_special_tokens':{'a_token':'<new>'}|extra_special_tokens",
                "'added_tokens_decoder':{'0':{'content':'[PAD]'},'8':{'content':'<new>'}}|8",
            })
    void aTokenThatTheTokenizerLacksIsRefused(String keys, String key) throws IOException {
        config("{%s}".formatted(keys));
        assertRefused(WORD_PIECE, 9, key + TOO + "tokenizer_config.json");
        config("{%s}".formatted(keys.replace("<new>", "[SEP]")));
        load(WORD_PIECE, 8, 9).close();
    }

    @Test
    void aSpecialTokenThatATextSpellsIsOne() throws IOException {
        config("{'split_special_tokens':true}");
        assertRefused(
                WORD_PIECE,
                8,
                "split_special_tokens: expected false, as a special token that a text spells is"
                        + " one, found true in tokenizer_config.json");
    }

    @Test
    void tokensOfOlderFilesCountWhereNoNewerOneHasThem() throws IOException {
        Files.writeString(folder.resolve("added_tokens.json"), "{\"<new>\":8}");
        assertRefused(WORD_PIECE, 9, "<new>" + TOO + "added_tokens.json");
        Files.writeString(folder.resolve("special_tokens_map.json"), "{\"mask_token\":\"<new>\"}");
        assertRefused(WORD_PIECE, 9, "mask_token" + TOO + "special_tokens_map.json");
        config("{'added_tokens_decoder':{}}");
        load(WORD_PIECE, 8, 9).close();
    }

    @Test
    void theEndOfALongTextIsNotKept() throws IOException {
        config("{'truncation_side':'left'}");
        String message = ": expected the right side, as a long text's beginning is kept, found";
        assertRefused(WORD_PIECE, 8, "truncation_side" + message + " \"left\"");
        String left = WORD_PIECE.replace("\"direction\": \"Right\"", "\"direction\": \"Left\"");
        Files.delete(folder.resolve("tokenizer_config.json"));
        assertRefused(left, 8, "truncation.direction" + message + " \"Left\" in tokenizer.json");
        config("{'truncation_side':'right'}");
        try (HuggingFaceEncoder encoder = load(left, 4, 8)) {
            assertThat(encoder.encode("attention is all")).containsExactly(2, 4, 5, 3);
        }
    }

    @Test
    void lettersThatSentenceTransformersMakesSmallAreSmall() throws IOException {
        Files.writeString(folder.resolve("sentence_bert_config.json"), "{\"do_lower_case\":true}");
        load(WORD_PIECE, 8, 8).close();
        String message =
                "do_lower_case: expected false, as the normalizer of tokenizer.json has it";
        assertRefused(BPE, 8, message + ", found true in sentence_bert_config.json");
        String small = "{\"type\":\"Sequence\",\"normalizers\":[{\"type\":\"Lowercase\"}]}";
        load(BPE.replace("\"normalizer\": null", "\"normalizer\": " + small), 8, 8).close();
    }

    @Test
    void aSpaceBeforeATextThatOnlyOneOfThemAddsIsRefused() throws IOException {
        String bytes = "{\"type\":\"ByteLevel\",\"add_prefix_space\":false,\"trim_offsets\":true}";
        String json = BPE.replace("{\"type\": \"Whitespace\"}", bytes);
        config("{'add_prefix_space':true}");
        assertRefused(
                json,
                8,
                "add_prefix_space: expected false, as the pre_tokenizer of tokenizer.json has it,"
                        + " found true in tokenizer_config.json");
        config("{'add_prefix_space':false}");
        load(json, 8, 8).close();
        config("{'tokenizer_class':'RobertaTokenizerFast'}");
        load(json, 8, 8).close();
        assertRefused(
                json.replace("\"add_prefix_space\":false", "\"add_prefix_space\":true"),
                8,
                "add_prefix_space: expected true, as the pre_tokenizer of tokenizer.json has it,"
                        + " found nothing, which means false");
        config("{}");
        load(json, 8, 8).close();
    }

    @Test
    void oneOfAnotherNormalizerIsNoneOfItsBusiness() throws IOException {
        config("{'do_lower_case':true}");
        try (HuggingFaceEncoder encoder = load(BPE, 8, 8)) {
            assertThat(encoder.encode("all")).containsExactly(4);
        }
    }
}
