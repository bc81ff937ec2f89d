package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.Transcript;
import org.flinksigmoid.pipelines.asr.AsrArguments;
import org.flinksigmoid.pipelines.asr.AsrOptions;
import org.flinksigmoid.pipelines.asr.AsrTopology;
import org.flinksigmoid.pipelines.asr.TranscriptJson;
import org.flinksigmoid.pipelines.local.LocalSink;
import org.flinksigmoid.pipelines.sink.JsonLines;
import org.flinksigmoid.pipelines.source.BadInput;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code flink-sigmoid asr}: the speech job on an embedded Flink. */
@Command(
        name = "asr",
        description = "Transcribe audio as it streams, as a Flink job inside this process.",
        footer = {
            "",
            "The INPUT - is raw PCM on standard input.",
            "",
            "  flink-sigmoid asr recordings/",
            "  flink-sigmoid asr --fast --json --final-only recordings/ > transcripts.jsonl",
            "  arecord -t raw -f S16_LE -r 8000 | flink-sigmoid asr -"
        })
final class AsrCommand implements Callable<Integer> {
    @Mixin private LoggingOptions logging;
    @Mixin private EngineOptions engine;
    @Mixin private JobOptions job;
    @Mixin private AsrArguments arguments;
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "digits-ctc",
            description =
                    "Folder of a checkpoint, or the name of a shipped model. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String model;

    @Option(names = "--final-only", description = "Leave out results that may still change.")
    private boolean finalOnly;

    AsrCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        AsrOptions options =
                AsrOptions.of(ModelOption.resolve(model))
                        .withEngine(engine.toModelOptions())
                        .withPartials(!finalOnly)
                        .withSettings(arguments.settings());
        engine.select();
        StreamExecutionEnvironment env = job.environment();
        SingleOutputStreamOperator<AudioChunk> audio = arguments.read(env, job.limit(), true);
        AsrTopology.Results results = AsrTopology.transcribe(audio, options);
        Problems problems = new Problems(err);
        Consumer<Transcript> printer = printer(out);
        try (LocalSink<BadInput> badSink = LocalSink.to(BadInput.class, problems);
                LocalSink<Transcript> sink =
                        LocalSink.to(Transcript.class, problems.counting(printer))) {
            results.problems().union(audio.getSideOutput(BadInput.TAG)).sinkTo(badSink);
            if (job.output().isPresent()) {
                Path folder = job.output().get();
                JsonLines.write(
                        results.transcripts(), TranscriptJson::line, folder.resolve("transcripts"));
            }
            results.transcripts().sinkTo(sink);
            return problems.summarise(job.run(env, "asr", err));
        }
    }

    /** What happens to a result in this process. */
    private Consumer<Transcript> printer(PrintWriter out) {
        if (job.output().isPresent()) {
            return transcript -> {};
        }
        if (!job.json()) {
            return new TranscriptConsole(out, Terminal.detect().outIsTerminal());
        }
        return transcript -> {
            out.println(TranscriptJson.line(transcript));
            StandardOutput.flush(out);
        };
    }
}
