package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScoreCommandITCase {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;

    @Test
    void everyTextHasAScoreAndWhatIsNoTextIsReported() throws IOException {
        String model =
                TinyCheckpoint.text("text-classification")
                        .write(folder.resolve("model"))
                        .toString();
        ByteArrayOutputStream lines = new ByteArrayOutputStream();
        for (String text :
                new String[] {"hello", "", "x", "😀😀😀", "\u0001\u0007", "m".repeat(1 << 20)}) {
            lines.write((text + "\n").getBytes(StandardCharsets.UTF_8));
        }
        lines.write(new byte[] {'a', (byte) 0xc3, '\n'});
        lines.write("last".getBytes(StandardCharsets.UTF_8));
        Path file = Files.write(folder.resolve("texts.txt"), lines.toByteArray());

        Cli cli = Cli.run("score", "--model", model, "--json", file.toString());

        assertThat(cli.code()).as(cli.err()).isZero();
        Set<String> ids = new HashSet<>();
        for (String line : cli.out().lines().toList()) {
            JsonNode score = JSON.readTree(line);
            ids.add(score.get("id").asText());
            assertThat(score.get("score").asDouble()).isBetween(0.0, 1.0);
        }
        assertThat(ids).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "8");
        assertThat(cli.err()).containsPattern("left out: .*texts.txt line 7: expected UTF-8");
    }

    @Test
    void aSpeechModelIsRefusedBeforeTheJobRuns() throws IOException {
        String model = TinyCheckpoint.speech().write(folder.resolve("model")).toString();
        Path file = Files.writeString(folder.resolve("texts.txt"), "hello\n");
        Cli cli = Cli.run("score", "--model", model, file.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("task").contains("expected");
    }
}
