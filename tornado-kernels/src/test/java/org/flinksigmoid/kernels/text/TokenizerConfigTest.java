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

    @Test
    void oneOfAnotherNormalizerIsNoneOfItsBusiness() throws IOException {
        config("{'do_lower_case':true}");
        try (HuggingFaceEncoder encoder = load(BPE, 8, 8)) {
            assertThat(encoder.encode("all")).containsExactly(4);
        }
    }
}
