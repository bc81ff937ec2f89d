package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Normalizers, pre-tokenizers and what stands around a text. */
class TokenizerPartsTest extends TokenizerFiles {
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
    void whatNativeCodeSaysOfARegularExpressionIsPassedOnWithItsPlace() {
        String pattern = "\"pattern\": {\"Regex\": \"%s\"}";
        String split =
                "{\"type\": \"Split\", "
                        + pattern
                        + ", \"behavior\": \"Isolated\", \"invert\": false}";
        String said =
                "pattern.Regex: expected what the tokenizers library takes, found Oniguruma error:"
                        + " target of repeat operator is invalid in tokenizer.json";
        String bad = "(?=a)*";
        assertRefused(
                UNIGRAM.replace("{\"type\": \"Whitespace\"}", split.formatted(bad)),
                8,
                "pre_tokenizer." + said);
        String two =
                split.formatted("a") + "," + sequence("pretokenizers", split.formatted(bad), 1);
        assertRefused(
                UNIGRAM.replace("{\"type\": \"Whitespace\"}", sequence("pretokenizers", two, 1)),
                8,
                "pre_tokenizer.pretokenizers[1].pretokenizers[0]." + said);
        String replace = "{\"type\": \"Replace\", " + pattern + ", \"content\": \"x\"}";
        String three =
                replace.formatted("a") + "," + part("NFC") + "," + replace.formatted("a(?=a)*");
        assertRefused(
                UNIGRAM.replace(
                        "\"normalizer\": null",
                        "\"normalizer\": " + sequence("normalizers", three, 1)),
                8,
                "normalizer.normalizers[2]." + said);
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
}
