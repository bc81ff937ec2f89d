package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.flinksigmoid.pipelines.bench.RandomSpeechModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What bench calls counts; how fast anything is, no test asks. */
class CallsBenchITCase {
    @TempDir private Path folder;

    @Test
    void everyChunkBecomesPartOfAWindowAndEveryWindowGetsAResult() throws IOException {
        Path model = new RandomSpeechModel(1, 16, 2, 24).write(folder);
        Cli cli =
                Cli.run(
                        "bench",
                        "calls",
                        "--model",
                        model.toString(),
                        "--streams",
                        "5",
                        "--seconds",
                        "1",
                        "--parallelism",
                        "2",
                        "--json");
        assertThat(cli.code()).as(cli.err()).isZero();
        JsonNode result = new ObjectMapper().readTree(cli.lastLine());
        assertThat(result.get("problems").asLong()).isZero();
        assertThat(result.get("results").asLong()).isEqualTo(result.get("windows").asLong());
        // A window each 0.64 s, and one at the end of each call.
        long heard = result.get("chunks").asLong() * 40 / 640;
        assertThat(result.get("windows").asLong()).isBetween(heard, heard + 2 * 5);
        JsonNode row = result.get("rows").get(0);
        assertThat(row.get("streams").asInt()).isEqualTo(5);
        assertThat(row.get("windows").asLong()).isBetween(5L, 10L);
        assertThat(row.get("p99_ms").asLong()).isPositive();
        assertThat(row.get("processors").asDouble()).isPositive();
        assertThat(row.get("bottleneck").asText()).contains("% busy");
    }

    /** All its stages were waited for first. */
    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void aJobThatFailsEndsIt() throws IOException {
        Path model = new RandomSpeechModel(4, 128, 4, 512).write(folder);
        Cli cli =
                Cli.run(
                        "bench",
                        "calls",
                        "--model",
                        model.toString(),
                        "--backend=scalar",
                        "--streams=100",
                        "--seconds=3600",
                        "-Dinference.max-batch-size=1",
                        "-Dinference.timeout=1ms",
                        "-Dinference.retry.max-attempts=1",
                        "-Dinference.on-failure=fail");
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("did not finish within PT0.001S");
    }

    @Test
    void callersThatDoNotBecomeMoreAreRefused() throws IOException {
        Path model = new RandomSpeechModel(1, 16, 2, 24).write(folder);
        Cli cli = Cli.run("bench", "calls", "--model", model.toString(), "--streams", "5,5");
        assertThat(cli.code()).isEqualTo(2);
        assertThat(cli.err()).contains("--streams: expected ascending numbers, found 5 after 5");
    }
}
