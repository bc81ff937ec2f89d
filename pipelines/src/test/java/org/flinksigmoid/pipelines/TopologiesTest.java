package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.Order;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.pipelines.asr.AsrArguments;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AsrTopology;
import org.flinksigmoid.pipelines.scoring.ScoringOptions;
import org.flinksigmoid.pipelines.scoring.ScoringTopology;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The topologies as parts of somebody else's job, one that demands a uid of every operator. */
class TopologiesTest {
    @TempDir private Path folder;

    private final StreamExecutionEnvironment env =
            StreamExecutionEnvironment.getExecutionEnvironment(
                    new Configuration().set(PipelineOptions.AUTO_GENERATE_UIDS, false));

    @Test
    void twoSpeechModelsGoIntoOneJob() throws Exception {
        Path model = TinyCheckpoint.speech().write(folder);
        DataStream<AudioChunk> chunks =
                env.fromData(
                                TypeInformation.of(AudioChunk.class),
                                new AudioChunk("s", 0, 0, 8000, new short[800], true))
                        .uid("chunks");
        for (String name : new String[] {"", "other"}) {
            AsrTopology.Results results =
                    AsrTopology.transcribe(chunks, AsrOptions.of(model).withName(name));
            results.transcripts().sinkTo(new DiscardingSink<>()).uid(name + " transcripts sink");
            results.problems().sinkTo(new DiscardingSink<>()).uid(name + " problems sink");
        }
        assertThat(env.getStreamGraph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .doesNotHaveDuplicates()
                .contains("speech-windows", "encoder", "transcripts")
                .contains("other-speech-windows", "other-encoder", "other-transcripts");
    }

    @Test
    void whatAWholeJobReadsAndWritesHasUids() {
        Path speech = TinyCheckpoint.speech().write(folder.resolve("speech"));
        Path text = TinyCheckpoint.text("score").write(folder.resolve("text"));
        for (String name : new String[] {"a", "b"}) {
            AsrTopology.build(
                    env,
                    new DataGeneratorSource<>(
                            number -> new AudioChunk("s", number, 0, 8000, new short[800], false),
                            1,
                            TypeInformation.of(AudioChunk.class)),
                    new DiscardingSink<>(),
                    AsrOptions.of(speech).withName(name));
            ScoringTopology.build(
                    env,
                    new DataGeneratorSource<>(
                            number -> new TextMessage("k", "1", "t", number),
                            1,
                            TypeInformation.of(TextMessage.class)),
                    new DiscardingSink<>(),
                    ScoringOptions.of(text).withName(name + "-score"));
        }
        assertThat(env.getStreamGraph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .doesNotHaveDuplicates()
                .contains("a-audio", "a-transcripts-sink", "b-score-texts", "b-score-sink");
    }

    /** The state of another was taken, and audio transcribed twice, or not at all. */
    @Test
    void chunksOfOtherBytesAreAnotherSource() throws Exception {
        String recording = Files.writeString(folder.resolve("a.raw"), "").toString();
        for (String option : List.of("--fast", "--chunk-ms=50", "--rate=16000", "--channels=2")) {
            CommandLine.populateCommand(new AsrArguments(), option, recording)
                    .read(env)
                    .sinkTo(new DiscardingSink<>())
                    .uid("sink " + option);
        }
        assertThat(env.getStreamGraph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .contains(
                        "audio",
                        "audio in chunks of 50 ms, raw PCM at 8000 Hz with 1 channels",
                        "audio in chunks of 100 ms, raw PCM at 16000 Hz with 1 channels",
                        "audio in chunks of 100 ms, raw PCM at 8000 Hz with 2 channels");
    }

    @Test
    void windowsThatMayPassEachOtherAreRefused() {
        Path model = TinyCheckpoint.speech().write(folder);
        AsrOptions options =
                AsrOptions.of(model)
                        .withSettings(
                                new Configuration().set(InferenceOptions.ORDER, Order.UNORDERED));
        DataStream<AudioChunk> chunks =
                env.fromData(
                        TypeInformation.of(AudioChunk.class),
                        new AudioChunk("s", 0, 0, 8000, new short[800], true));
        assertThatThrownBy(() -> AsrTopology.transcribe(chunks, options))
                .hasMessage(
                        "inference.order: expected per_key, as the windows of a stream are heard"
                                + " in order, found unordered");
    }

    @Test
    void twoTextModelsGoIntoOneJob() throws Exception {
        Path model = TinyCheckpoint.text("score").write(folder);
        DataStream<TextMessage> messages =
                env.fromData(new TextMessage("k", "1", "t", 0)).uid("in");
        for (String name : new String[] {"spam", "tone"}) {
            ScoringTopology.Results results =
                    ScoringTopology.score(messages, ScoringOptions.of(model).withName(name));
            results.scores().sinkTo(new DiscardingSink<>()).uid(name + " scores sink");
            results.problems().sinkTo(new DiscardingSink<>()).uid(name + " problems sink");
        }
        assertThat(env.getStreamGraph().getStreamNodes())
                .extracting(StreamNode::getTransformationUID)
                .doesNotHaveDuplicates()
                .contains("spam-encoder", "tone-encoder");
    }
}
