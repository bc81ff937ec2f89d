package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.junit.jupiter.api.io.TempDir;

/** Small tokenizer.json of each kind, and how a changed one loads. */
abstract class TokenizerFiles {
    static final String WORD_PIECE =
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

    static final String BPE =
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

    static final String UNIGRAM =
            """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
             "normalizer": null, "pre_tokenizer": {"type": "Whitespace"},
             "post_processor": null, "decoder": null,
             "model": {"type": "Unigram", "unk_id": 0,
                       "vocab": [["?", 0.0], ["a", -3.0], ["l", -3.0], ["all", -4.0]]}}
            """;

    @TempDir Path folder;

    HuggingFaceEncoder load(String json, int most, int vocabulary) throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, json);
        return HuggingFaceEncoder.load(file, most, vocabulary, OptionalInt.empty());
    }

    void assertRefused(String json, int vocabulary, String message) {
        assertThatThrownBy(() -> load(json, 8, vocabulary).close())
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(message);
    }

    static String part(String type) {
        return "{\"type\": \"%s\"}".formatted(type);
    }

    static String sequence(String key, String part, int times) {
        return "{\"type\": \"Sequence\", \"%s\": [%s%s]}"
                .formatted(key, (part + ",").repeat(times - 1), part);
    }
}
