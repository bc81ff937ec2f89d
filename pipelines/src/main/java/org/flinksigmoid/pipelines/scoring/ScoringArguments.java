package org.flinksigmoid.pipelines.scoring;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.TextInference;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.window.TextWindowOptions;
import org.flinksigmoid.operators.window.TextWindows;
import org.flinksigmoid.pipelines.InputName;
import org.flinksigmoid.pipelines.OperatorSettings;
import org.flinksigmoid.pipelines.source.BadInput;
import org.flinksigmoid.pipelines.source.InputSource;
import org.flinksigmoid.pipelines.source.LiveInput;
import org.flinksigmoid.pipelines.source.Pace;
import org.flinksigmoid.pipelines.source.StreamIds;
import org.flinksigmoid.pipelines.source.StreamInput;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a scoring job can be told, on the command line and in a cluster alike. */
public final class ScoringArguments {
    /** Where a system has such a name. */
    private static final Path STANDARD_OUTPUT = Path.of("/dev/fd/1");

    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            converter = InputName.class,
            description =
                    "File of lines, or tcp://HOST:PORT for lines from a socket; files whose name"
                            + " ends in .jsonl or .ndjson hold JSON Lines.")
    private List<String> inputs;

    @Option(
            names = "--jsonl",
            description =
                    "Every input holds JSON Lines: objects with a string \"text\" and, optionally,"
                            + " \"key\" and \"id\".")
    private boolean jsonLines;

    @Option(
            names = "--per-second",
            paramLabel = "N",
            description = "Hand on N lines of each file per second. Default: as fast as it goes.")
    private Double perSecond;

    @Option(names = "--loop", description = "Begin again after the last file, for ever.")
    private boolean loop;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description =
                    "Set an option of the operators, such as -Dinference.max-batch-size=32 or"
                            + " -Dinference.batch-timeout=5ms.")
    private Map<String, String> settings = Map.of();

    @Mixin private TextWindowArguments windows = new TextWindowArguments();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    /** Filled by picocli. */
    public ScoringArguments() {}

    /**
     * What is to be scored.
     *
     * @param messages texts
     * @param problems lines that can't be read, and those that came too late for their windows
     */
    public record Texts(DataStream<TextMessage> messages, DataStream<BadInput> problems) {}

    /**
     * Adds the texts to a job.
     *
     * @throws IOException if a named file is not there
     * @throws ParameterException on arguments that contradict each other, or a socket's address
     *     that is none
     */
    public Texts read(StreamExecutionEnvironment env) throws IOException {
        return read(env, InputSource.Options.NO_LIMIT, false);
    }

    /** The same in {@link InputSource.Options#limit}, and as a backlog or not. */
    public Texts read(StreamExecutionEnvironment env, Duration limit, boolean backlog)
            throws IOException {
        try {
            return texts(env, limit, backlog);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    private Texts texts(StreamExecutionEnvironment env, Duration limit, boolean backlog)
            throws IOException {
        if (perSecond != null && !(perSecond > 0)) {
            throw new IllegalArgumentException(
                    "--per-second: expected more than 0, found " + perSecond);
        }
        LiveInput.requireOnce(inputs);
        List<StreamInput> streams = new ArrayList<>();
        StreamIds ids = new StreamIds();
        for (String input : inputs) {
            if (LiveInput.is(input)) {
                String id = ids.unique(LiveInput.id(input));
                streams.add(new StreamInput(id, List.of(input)));
            } else {
                requireFile(input);
                String file = Path.of(input).toAbsolutePath().toString();
                streams.add(new StreamInput(ids.unique(input), List.of(file)));
            }
        }
        TextFormat.Syntax syntax =
                jsonLines ? TextFormat.Syntax.JSON : TextFormat.Syntax.BY_FILE_NAME;
        InputSource.Options options =
                new InputSource.Options(
                        perSecond == null ? Pace.FAST : Pace.REAL_TIME,
                        loop,
                        inputs.size(),
                        limit,
                        backlog);
        SingleOutputStreamOperator<TextMessage> lines =
                new InputSource<>(
                                streams,
                                new TextFormat(syntax, perSecond == null ? 1000 : perSecond),
                                options)
                        .addTo(env, "texts", TypeInformation.of(TextMessage.class));
        return windows.apply(new Texts(lines, lines.getSideOutput(BadInput.TAG)), settings());
    }

    private static void requireFile(String input) throws IOException {
        Path file = Path.of(input);
        if (!Files.exists(file)) {
            throw new NoSuchFileException(input);
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException(
                    "%s: expected a file of lines, found %s"
                            .formatted(
                                    input,
                                    Files.isDirectory(file)
                                            ? "a folder"
                                            : "what is no file; of pipes only flink-sigmoid score"
                                                    + " reads one, as -"));
        }
        if (Files.exists(STANDARD_OUTPUT) && Files.isSameFile(STANDARD_OUTPUT, file)) {
            throw new IOException(
                    input
                            + ": expected a file of lines, found that standard output goes there:"
                            + " results would be read as lines, for ever");
        }
    }

    /**
     * Options of the operators.
     *
     * @throws ParameterException on a key or a value that they don't have, and on values that
     *     contradict each other
     */
    public Configuration settings() {
        try {
            Configuration read =
                    OperatorSettings.of(settings, InferenceOptions.class, TextWindowOptions.class);
            requireUsable(read);
            return read;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Makes the operators' settings, which check themselves. */
    private static void requireUsable(Configuration settings) {
        MicroBatchInference.of(TextInference.messages("", ModelOptions.defaults()), Score.class)
                .options(settings)
                .settings();
        TextWindows.sessions(Duration.ofSeconds(1)).options(settings);
    }
}
