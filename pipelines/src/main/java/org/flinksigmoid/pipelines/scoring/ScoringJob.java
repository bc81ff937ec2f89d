package org.flinksigmoid.pipelines.scoring;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.pipelines.JobEnvironment;
import org.flinksigmoid.pipelines.sink.JsonLines;
import org.flinksigmoid.pipelines.source.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The scoring job as a cluster runs it: {@code main} submits it. */
@Command(
        name = "ScoringJob",
        description = "Score texts to files of JSON Lines.",
        mixinStandardHelpOptions = true)
public final class ScoringJob implements Callable<Integer> {
    @Mixin private ScoringArguments arguments;

    @Option(
            names = "--model",
            paramLabel = "DIR",
            required = true,
            description = "Folder of the checkpoint, readable on every TaskManager.")
    private Path model;

    @Option(
            names = "--backend",
            paramLabel = "NAME",
            defaultValue = "auto",
            description = "auto, scalar, vector or tornado. Default: ${DEFAULT-VALUE}.")
    private String backend;

    @Option(
            names = "--weights",
            paramLabel = "FORMAT",
            defaultValue = "float",
            description =
                    "What matrices are kept in: ${COMPLETION-CANDIDATES}. Default:"
                            + " ${DEFAULT-VALUE}.")
    private WeightFormat weights;

    @Option(
            names = "--output",
            paramLabel = "DIR",
            required = true,
            description =
                    "Where scores/ and problems/ are written; needs checkpoints to complete files"
                            + " before the job ends.")
    private Path output;

    ScoringJob() {}

    /** Submits the job to the cluster that runs this, or runs it here. */
    public static void main(String[] arguments) {
        int code =
                new CommandLine(new ScoringJob())
                        .setCaseInsensitiveEnumValuesAllowed(true)
                        .execute(arguments);
        if (code != 0) {
            // A client shows this; exiting the JVM would take a session cluster down.
            throw new IllegalArgumentException("ScoringJob: not submitted, see the message above");
        }
    }

    @Override
    public Integer call() throws Exception {
        StreamExecutionEnvironment env = JobEnvironment.create();
        ScoringArguments.Texts texts = arguments.read(env);
        ScoringTopology.Results results =
                ScoringTopology.score(
                        texts.messages(),
                        ScoringOptions.of(model.toAbsolutePath())
                                .withEngine(
                                        ModelOptions.defaults()
                                                .withBackend(backend)
                                                .withWeights(weights))
                                .withSettings(arguments.settings()));
        DataStream<BadInput> problems = results.problems().union(texts.problems());
        JsonLines.write(results.scores(), ScoreJson::line, output.resolve("scores"));
        JsonLines.write(problems, BadInput::json, output.resolve("problems"));
        env.execute("flink-sigmoid score");
        return CommandLine.ExitCode.OK;
    }
}
