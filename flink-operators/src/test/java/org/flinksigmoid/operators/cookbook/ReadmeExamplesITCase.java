package org.flinksigmoid.operators.cookbook;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first lines of the module's README. */
class ReadmeExamplesITCase {
    @TempDir private Path folder;

    @Test
    void tenLinesScoreAStream() throws Exception {
        TinyCheckpoint.text("text-classification").write(folder);
        String modelFolder = folder.toString();
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        DataStream<TextMessage> messages =
                env.fromData(
                        new TextMessage("ann", "1", "guten Tag", 1),
                        new TextMessage("bob", "2", "good day", 2));
        SingleOutputStreamOperator<Score> scores =
                ReadmeExamples.tenLines(
                        messages, modelFolder, new DiscardingSink<>(), new DiscardingSink<>());

        List<Score> results = new ArrayList<>();
        scores.executeAndCollect().forEachRemaining(results::add);
        assertThat(results).extracting(Score::id).containsExactlyInAnyOrder("1", "2");
    }
}
