package org.flinksigmoid.kernels.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files that are damaged as a whole. */
class TokenizerFileTest extends TokenizerFiles {
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

    @Test
    void aKeyThatStandsTwiceIsRefused() {
        assertRefused(
                UNIGRAM.replace("\"normalizer\": null", "\"normalizer\": null, \"normalizer\": 1"),
                8,
                "tokenizer.json: expected well-formed JSON, found Duplicate field 'normalizer'");
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
            try (HuggingFaceEncoder encoder =
                    HuggingFaceEncoder.load(file, 16, 8, OptionalInt.empty())) {
                assertThat(encoder.encode("attention")).as("seed %d", seed).isNotEmpty();
            } catch (CheckpointException e) {
                assertThat(e.file()).isEqualTo("tokenizer.json");
            }
        }
    }

    @Test
    void aTokenWithoutAPositionStandsInNoTextThatDoesNotSpellIt() throws IOException {
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(file, WORD_PIECE);
        HuggingFaceEncoder.load(file, 8, 8, OptionalInt.of(0)).close();
        HuggingFaceEncoder.load(file, 8, 9, OptionalInt.of(8)).close();
        for (int id : new int[] {1, 2, 3, 4}) { // unknown, around each text, a piece of words
            assertThatThrownBy(() -> HuggingFaceEncoder.load(file, 8, 8, OptionalInt.of(id)))
                    .hasMessage(
                            "pad_token_id: expected the id of an added token for padding alone, as"
                                    + " it has no position, found %d, which texts have, too in"
                                    + " config.json",
                            id);
        }
    }

    @Test
    void aTokenOfAnotherTypeIsRefused() {
        String template =
                """
                {"type": "TemplateProcessing", "special_tokens": {},
                 "single": [{"Sequence": {"id": "A", "type_id": 1}}]}
                """;
        assertRefused(
                BPE.replace("\"post_processor\": null", "\"post_processor\": " + template),
                8,
                "type_id: expected an integer from 0 to 0, found 1 in tokenizer.json");
    }
}
