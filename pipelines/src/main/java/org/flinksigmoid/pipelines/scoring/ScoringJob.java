package org.flinksigmoid.pipelines.scoring;

import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.pipelines.JobArguments;
import org.flinksigmoid.pipelines.JobEnvironment;
import org.flinksigmoid.pipelines.Version;
import org.flinksigmoid.pipelines.sink.JsonLines;
import org.flinksigmoid.pipelines.source.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The scoring job as a cluster runs it: {@code main} submits it. */
@Command(
        name = "ScoringJob",
        description = "Score texts to files of JSON Lines.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class)
public final class ScoringJob implements Callable<Integer> {
    @Mixin private ScoringArguments arguments;
    @Mixin private JobArguments job;

    ScoringJob() {}

    /** What reads its arguments. */
    public static CommandLine commandLine() {
        return JobArguments.commandLine(new ScoringJob());
    }

    /** Submits the job to the cluster that runs this, or runs it here. */
    public static void main(String[] arguments) {
        JobArguments.submit(new ScoringJob(), arguments);
    }

    @Override
    public Integer call() throws Exception {
        StreamExecutionEnvironment env = JobEnvironment.create();
        ScoringArguments.Texts texts = arguments.read(env);
        ScoringTopology.Results results =
                ScoringTopology.score(
                        texts.messages(),
                        ScoringOptions.of(job.model())
                                .withEngine(job.engine())
                                .withSettings(arguments.settings()));
        DataStream<BadInput> problems = results.problems().union(texts.problems());
        JsonLines.write(results.scores(), ScoreJson::line, job.output("scores"));
        JsonLines.write(problems, BadInput::json, job.output("problems"));
        env.execute("flink-sigmoid score");
        return CommandLine.ExitCode.OK;
    }
}
