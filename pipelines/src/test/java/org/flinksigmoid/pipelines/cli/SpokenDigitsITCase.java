package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * The shipped digit model on real recordings, through the real job. The recordings lie beside the
 * repository, not in it: without them the tests fail where {@code CI=true}, and say that they are
 * skipped elsewhere.
 */
class SpokenDigitsITCase {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path RECORDINGS = Path.of("..", "..", "shared", "fsdd");
    private static final double MOST = 0.015;

    @Test
    void theTestRecordingsStreamWithAtMostThreeErrorsInTwoHundredDigits() throws IOException {
        Optional<JsonNode> result = evaluate("--indices", "0-4");
        if (result.isPresent()) {
            assertThat(result.get().get("words").asInt()).isEqualTo(200);
            assertThat(result.get().get("mode").asText()).isEqualTo("streaming");
            assertThat(result.get().get("wer").asDouble()).isLessThanOrEqualTo(MOST);
        }
    }

    @Test
    void stringsOfTheTestRecordingsStreamAsWell() throws IOException {
        Optional<JsonNode> result = evaluate("--indices", "0-4", "--strings", "60", "--seed", "1");
        if (result.isPresent()) {
            assertThat(result.get().get("streams").asInt()).isEqualTo(60);
            assertThat(result.get().get("wer").asDouble()).isLessThanOrEqualTo(MOST);
        }
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
