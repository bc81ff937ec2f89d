package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.flinksigmoid.kernels.audio.WavFile;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.pipelines.asr.AsrJob;
import org.flinksigmoid.pipelines.scoring.ScoringJob;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The shipped jobs run from their mains: no record of a generic type, no operator without uid. */
class JobMainsITCase {
    @TempDir private Path folder;

    @Test
    void theSpeechJobWritesTranscripts() throws Exception {
        Path model = TinyCheckpoint.speech().write(folder.resolve("model"));
        Path audio = folder.resolve("noise.wav");
        short[] samples = new short[24_000];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = (short) (9000 * Math.sin(i * 0.3) * Math.sin(i * 0.0007));
        }
        new WavFile(8000, samples).write(audio);

        AsrJob.main(
                new String[] {
                    "--model", model.toString(), "--output", folder + "/out", audio.toString()
                });

        assertThat(lines(folder.resolve("out/transcripts")))
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).contains("noise.wav"));
    }

    @Test
    void theScoringJobWritesScores() throws Exception {
        Path model = TinyCheckpoint.text("text-classification").write(folder.resolve("model"));
        Path texts = Files.writeString(folder.resolve("texts.txt"), "guten Tag\ngood day\n");

        ScoringJob.main(
                new String[] {
                    "--model", model.toString(), "--output", folder + "/out", texts.toString()
                });

        assertThat(lines(folder.resolve("out/scores"))).hasSize(2);
    }

    @Test
    void theScoringJobTakesSessionsAndPrefixes() throws Exception {
        Path model = TinyCheckpoint.text("text-classification").write(folder.resolve("model"));
        Path texts = Files.writeString(folder.resolve("texts.txt"), "guten Tag\ngood day\n");

        ScoringJob.main(
                new String[] {
                    "--model",
                    model.toString(),
                    "--output",
                    folder + "/out",
                    "--sessions",
                    "5min",
                    "--prefixes",
                    "8",
                    texts.toString()
                });

        assertThat(lines(folder.resolve("out/scores"))).hasSize(2);
    }

    @Test
    void aNumberOutOfBoundsIsNotSubmitted() {
        String[] arguments = {"--model", "m", "--output", "o", "--rate", "0", "a.raw"};
        assertThatThrownBy(() -> AsrJob.main(arguments))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessage("AsrJob: not submitted, see the message above");
    }

    private static List<String> lines(Path output) throws IOException {
        try (Stream<Path> files = Files.walk(output)) {
            return files.filter(Files::isRegularFile).flatMap(file -> read(file).stream()).toList();
        }
    }

    private static List<String> read(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
