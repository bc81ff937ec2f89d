package org.flinksigmoid.pipelines.asr;

import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.pipelines.JobArguments;
import org.flinksigmoid.pipelines.JobEnvironment;
import org.flinksigmoid.pipelines.Version;
import org.flinksigmoid.pipelines.sink.JsonLines;
import org.flinksigmoid.pipelines.source.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The speech job as a cluster runs it: {@code main} submits it. */
@Command(
        name = "AsrJob",
        description = "Transcribe audio to files of JSON Lines.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class AsrJob implements Callable<Integer> {
    @Mixin private AsrArguments arguments;
    @Mixin private JobArguments job;

    @Option(names = "--final-only", description = "Leave out results that may still change.")
    private boolean finalOnly;

    AsrJob() {}

    /** What reads its arguments. */
    public static CommandLine commandLine() {
        return JobArguments.commandLine(new AsrJob());
    }

    /** Submits the job to the cluster that runs this, or runs it here. */
    public static void main(String[] arguments) {
        JobArguments.submit(new AsrJob(), arguments);
    }

    @Override
    public Integer call() throws Exception {
        StreamExecutionEnvironment env = JobEnvironment.create();
        SingleOutputStreamOperator<AudioChunk> audio = arguments.read(env);
        AsrTopology.Results results =
                AsrTopology.transcribe(
                        audio,
                        AsrOptions.of(job.model())
                                .withEngine(job.engine())
                                .withPartials(!finalOnly)
                                .withSettings(arguments.settings()));
        DataStream<BadInput> problems = results.problems().union(audio.getSideOutput(BadInput.TAG));
        JsonLines.write(results.transcripts(), TranscriptJson::line, job.output("transcripts"));
        JsonLines.write(problems, BadInput::json, job.output("problems"));
        env.execute("flink-sigmoid asr");
        return CommandLine.ExitCode.OK;
    }
}
