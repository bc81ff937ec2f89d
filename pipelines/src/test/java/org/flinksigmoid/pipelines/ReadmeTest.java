package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AsrTopology;
import org.flinksigmoid.pipelines.scoring.ScoringOptions;
import org.flinksigmoid.pipelines.scoring.ScoringTopology;
import org.flinksigmoid.pipelines.source.BadInput;
import org.junit.jupiter.api.Test;

/** The project's README shows Java that is compiled. */
class ReadmeTest {
    static void inAJobOfYourOwn(
            DataStream<AudioChunk> chunks,
            DataStream<TextMessage> messages,
            Path modelFolder,
            Path textModel,
            Sink<Transcript> sink,
            Sink<BadInput> report) {
        // DataStream<AudioChunk> chunks: stream id, sequence number, timestamp, 16-bit samples
        AsrTopology.Results speech = AsrTopology.transcribe(chunks, AsrOptions.of(modelFolder));
        speech.transcripts().sinkTo(sink); // partial and final, in order per stream
        speech.problems().sinkTo(report); // late, missing or unusable audio, with reasons

        ScoringTopology.Results texts =
                ScoringTopology.score(messages, ScoringOptions.of(textModel));
    }

    @Test
    void itsJavaIsCompiled() throws IOException {
        String readme = Files.readString(Path.of("../README.md"));
        String block = readme.split("```java\n", 2)[1].split("```", 2)[0];
        assertThat(block).contains("AsrTopology");
        assertThat(
                        Files.readString(
                                Path.of(
                                        "src/test/java/org/flinksigmoid/pipelines/ReadmeTest.java")))
                .containsIgnoringWhitespaces(block.strip());
    }
}
