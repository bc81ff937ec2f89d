package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.pipelines.Recordings;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What scripts rely on: keys, the last line, exit codes. The models are random. */
class EvaluateITCase {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private static Path folder;
    private static String speech;
    private static String data;

    @BeforeAll
    static void writeFixtures() throws IOException {
        speech = TinyCheckpoint.speech().write(folder.resolve("speech")).toString();
        Path clips = Files.createDirectory(folder.resolve("clips"));
        for (String name : new String[] {"0_ann_0", "1_ann_0", "1_ann_7", "3_bob_0"}) {
            Recordings.write(clips.resolve(name + ".wav"), 8000, 5000, name.hashCode());
        }
        data = clips.toString();
    }

    @Test
    void asrPrintsOneJsonObjectLast() throws IOException {
        JsonNode result =
                json(Cli.run("evaluate", "asr", "--model", speech, "--data", data, "--json"));
        assertThat(result.fieldNames())
                .toIterable()
                .containsExactly("wer", "errors", "words", "streams", "mode", "backend", "weights");
        assertThat(result.get("words").asInt()).isEqualTo(4);
        assertThat(result.get("streams").asInt()).isEqualTo(4);
        assertThat(result.get("mode").asText()).isEqualTo("streaming");
        assertThat(result.get("wer").asDouble())
                .isEqualTo(result.get("errors").asDouble() / result.get("words").asDouble());
    }

    @Test
    void asrTakesSpeakersIndicesBackendAndWeights() throws IOException {
        JsonNode result =
                json(
                        Cli.run(
                                "evaluate",
                                "asr",
                                "--model",
                                speech,
                                "--data",
                                data,
                                "--speakers",
                                "ann",
                                "--indices",
                                "0-4",
                                "--backend",
                                "scalar",
                                "--weights",
                                "int8",
                                "--json"));
        assertThat(result.get("streams").asInt()).isEqualTo(2);
        assertThat(result.get("backend").asText()).isEqualTo("scalar");
        assertThat(result.get("weights").asText()).isEqualTo("int8");
    }

    @Test
    void shortUtterancesGiveTheSameErrorsOfflineAndStreaming() throws IOException {
        String[] command = {"evaluate", "asr", "--model", speech, "--data", data, "--json"};
        String[] offline = Arrays.copyOf(command, command.length + 1);
        offline[command.length] = "--offline";
        JsonNode streamed = json(Cli.run(command));
        JsonNode whole = json(Cli.run(offline));
        assertThat(whole.get("mode").asText()).isEqualTo("offline");
        assertThat(whole.get("errors")).isEqualTo(streamed.get("errors"));
    }

    @Test
    void asrBuildsStrings() throws IOException {
        JsonNode result =
                json(
                        Cli.run(
                                "evaluate",
                                "asr",
                                "--model",
                                speech,
                                "--data",
                                data,
                                "--strings",
                                "3",
                                "--seed",
                                "4",
                                "--json"));
        assertThat(result.get("streams").asInt()).isEqualTo(3);
        assertThat(result.get("words").asInt()).isBetween(9, 21);
    }

    @Test
    void asrTakesAManifestOfAnyRateAndReportsWhatIsMissing() throws IOException {
        Recordings.write(folder.resolve("a.wav"), 16000, 9000, 3);
        Path manifest =
                Files.writeString(folder.resolve("m.tsv"), "a.wav\tone two\nb.wav\tthree\n");
        Cli cli =
                Cli.run(
                        "evaluate",
                        "asr",
                        "--model",
                        speech,
                        "--manifest",
                        manifest.toString(),
                        "--json");
        JsonNode result = json(cli);
        assertThat(result.get("words").asInt()).isEqualTo(3);
        assertThat(cli.err()).contains("b.wav: no such file").doesNotContain("No result");
    }

    @Test
    void errorsAgainstNoWordsHaveNoRate() throws IOException {
        Recordings.write(folder.resolve("a.wav"), 16000, 9000, 3);
        Path manifest = Files.writeString(folder.resolve("silence.tsv"), "a.wav\t\n");
        List<String> command =
                List.of("evaluate", "asr", "--model", speech, "--manifest", manifest.toString());
        JsonNode result = json(Cli.run(with(command, "--json")));
        assertThat(result.get("words").asInt()).isZero();
        assertThat(result.get("errors").asInt()).isPositive();
        assertThat(result.get("wer").isNull()).isTrue();
        assertThat(Cli.run(with(command)).out()).contains("none").doesNotContain("Infinity");
    }

    private static String[] with(List<String> command, String... more) {
        return Stream.concat(command.stream(), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void asrFailsWhereNothingOfItsInputCanBeUsed() throws IOException {
        Path manifest = Files.writeString(folder.resolve("none.tsv"), "b.wav\tthree\n");
        for (String mode : List.of("--offline", "--json")) {
            Cli cli =
                    Cli.run(
                            "evaluate",
                            "asr",
                            "--model",
                            speech,
                            "--manifest",
                            manifest.toString(),
                            mode);
            assertThat(cli.code()).isEqualTo(1);
            assertThat(cli.err()).contains("b.wav: no such file").contains("No result");
        }
    }

    @Test
    void scorePrintsOneJsonObjectLast() throws IOException {
        Path model = TinyCheckpoint.text("score").write(folder.resolve("score"));
        Path file = Files.writeString(folder.resolve("t.tsv"), "1\tyes\n0\tno\n1\tmaybe\n0\t\n");
        JsonNode result =
                json(
                        Cli.run(
                                "evaluate",
                                "score",
                                "--model",
                                model.toString(),
                                "--data",
                                file.toString(),
                                "--prefix",
                                "2",
                                "--json"));
        assertThat(result.fieldNames())
                .toIterable()
                .containsExactly("accuracy", "auc", "rows", "backend", "weights");
        assertThat(result.get("rows").asInt()).isEqualTo(4);
        assertThat(result.get("auc").asDouble()).isBetween(0.0, 1.0);
    }

    @Test
    void textsOfLabelsThatTheModelDoesNotHaveAreRefusedBeforeTheyAreScored() throws IOException {
        Path file =
                Files.writeString(
                        folder.resolve("t.tsv"), "label\ttext\nde\tHallo\nxx\ta\nxx\tb\n");
        Cli cli = Cli.run("evaluate", "score", "--model", "langid", "--data", file.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err())
                .startsWith("flink-sigmoid: " + file + ": expected labels of the model (")
                .contains(" more), found 3 texts of others: label (1), xx (2)");
    }

    @Test
    void noLabelOfAModelOrOfTextsReachesTheTerminalAsAnOrder() throws IOException {
        Path model = folder.resolve("orders");
        TinyCheckpoint.text("text-classification")
                .with("{\"id2label\": {\"0\": \"n\\u001b[2J\\no\", \"1\": \"yes\"}}")
                .write(model);
        Path file = folder.resolve("orders.tsv");
        Files.writeString(file, "y\u0007s\ta\n");
        String[] command = {
            "evaluate", "score", "--model", model.toString(), "--data", file.toString()
        };
        Cli refused = Cli.run(command);
        assertThat(refused.code()).isEqualTo(1);
        assertThat(refused.err().lines().findFirst().orElseThrow())
                .endsWith("(n\\u001b[2J\\u000ao, yes), found 1 texts of others: y\\u0007s (1)");
        TinyCheckpoint.text("text-classification")
                .with("{\"id2label\": {\"0\": \"n\\u001b[2J\", \"1\": \"yes\"}}")
                .write(model);
        Files.writeString(file, "n\u001b[2J\ta\n");
        Cli measured = Cli.run(command);
        assertThat(measured.code()).isZero();
        assertThat(measured.out()).contains("n\\u001b[2J ").doesNotContain("\u001b");
    }

    @Test
    void aWrongModelFolderIsAFailureThatNamesFileFieldExpectedAndFound() throws IOException {
        Path broken = folder.resolve("broken");
        TinyCheckpoint.speech().write(broken);
        Files.write(broken.resolve("model.safetensors"), new byte[] {1, 2, 3});
        Cli cli =
                Cli.run("evaluate", "asr", "--model", broken.toString(), "--data", data, "--json");
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("model.safetensors").contains("expected").contains("found");
        assertThat(cli.err()).doesNotContain("\tat ");
    }

    @Test
    void aMissingModelIsAFailureThatSaysWhichThereAre() {
        Cli cli = Cli.run("evaluate", "asr", "--model", "nosuch", "--data", data);
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("model nosuch").contains("one of");
    }

    @Test
    void theFolderOrTheManifestMustBeGiven() {
        assertThat(Cli.run("evaluate", "asr", "--model", speech).code()).isEqualTo(2);
        assertThat(Cli.run("evaluate").code()).isEqualTo(2);
    }

    private static JsonNode json(Cli cli) throws IOException {
        assertThat(cli.code()).as(cli.err()).isZero();
        return JSON.readTree(cli.lastLine());
    }
}
