package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.flinksigmoid.pipelines.evaluation.WordErrors;
import org.junit.jupiter.api.Test;

/**
 * The shipped digit model on real recordings, through the real job. The recordings lie beside the
 * repository, not in it: without them the tests fail where {@code CI=true}, and say that they are
 * skipped elsewhere.
 */
class SpokenDigitsITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RECORDINGS = Path.of("..", "..", "shared", "fsdd");
    private static final Path PYTORCH = Path.of("training", "expected");

    @Test
    void theTestRecordingsAreHeardAsPyTorchHearsThem() throws IOException {
        Optional<JsonNode> result = evaluate("--indices", "0-4");
        if (result.isPresent()) {
            assertThat(result.get().get("mode").asText()).isEqualTo("streaming");
            assertThat(errors(result.get())).isEqualTo(errorsOfPyTorch("digits-files.tsv"));
        }
    }

    @Test
    void soAreStringsOfThem() throws IOException {
        Optional<JsonNode> result = evaluate("--indices", "0-4", "--strings", "100", "--seed", "1");
        if (result.isPresent()) {
            assertThat(result.get().get("streams").asInt()).isEqualTo(100);
            assertThat(errors(result.get())).isEqualTo(errorsOfPyTorch("digits-strings.tsv"));
        }
    }

    private static WordErrors errors(JsonNode result) {
        return new WordErrors(result.get("errors").asLong(), result.get("words").asLong());
    }

    /** In the streaming simulation; lines of name, truth, and what was heard. */
    private static WordErrors errorsOfPyTorch(String file) throws IOException {
        return Files.readAllLines(PYTORCH.resolve(file)).stream()
                .map(line -> line.split("\t", -1))
                .map(fields -> WordErrors.between(fields[1], fields[2]))
                .reduce(WordErrors.NONE, WordErrors::plus);
    }

    private static Optional<JsonNode> evaluate(String... options) throws IOException {
        if (!Files.isDirectory(RECORDINGS)) {
            assertThat(System.getenv("CI"))
                    .as(
                            "CI=true needs the recordings in "
                                    + RECORDINGS.toAbsolutePath().normalize())
                    .isNotEqualTo("true");
            System.out.println(
                    "SKIPPED: no recordings in " + RECORDINGS.toAbsolutePath().normalize());
            return Optional.empty();
        }
        String[] command = {
            "evaluate", "asr", "--model", "digits-ctc", "--data", RECORDINGS.toString(), "--json"
        };
        String[] all = Arrays.copyOf(command, command.length + options.length);
        System.arraycopy(options, 0, all, command.length, options.length);
        Cli cli = Cli.run(all);
        assertThat(cli.code()).as(cli.err()).isZero();
        return Optional.of(JSON.readTree(cli.lastLine()));
    }
}
