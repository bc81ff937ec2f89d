package org.flinksigmoid.pipelines.asr;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.flinksigmoid.kernels.audio.PreprocessorConfig;
import org.flinksigmoid.kernels.audio.WavReader;
import org.flinksigmoid.kernels.decode.CtcLabels;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.InferenceOptions;
import org.flinksigmoid.operators.inference.MicroBatchInference;
import org.flinksigmoid.operators.inference.SpeechInference;
import org.flinksigmoid.operators.types.AudioChunk;
import org.flinksigmoid.operators.types.WindowLogProbs;
import org.flinksigmoid.operators.window.SpeechWindowOptions;
import org.flinksigmoid.operators.window.SpeechWindows;
import org.flinksigmoid.operators.window.TranscriptAssembler;
import org.flinksigmoid.operators.window.TranscriptOptions;
import org.flinksigmoid.pipelines.InputName;
import org.flinksigmoid.pipelines.OperatorSettings;
import org.flinksigmoid.pipelines.WholeNumber;
import org.flinksigmoid.pipelines.source.InputSource;
import org.flinksigmoid.pipelines.source.Pace;
import org.flinksigmoid.pipelines.source.StreamInput;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What a speech job can be told, on the command line and in a cluster alike. */
public final class AsrArguments {
    @Parameters(
            paramLabel = "INPUT",
            arity = "1..*",
            converter = InputName.class,
            description =
                    "WAV file, file of raw 16-bit PCM (.raw, .pcm, .s16), folder of such files, or"
                            + " tcp://HOST:PORT for raw PCM from a socket.")
    private List<String> inputs;

    @Option(
            names = "--fast",
            description = "Read files as fast as the job takes them, not at the pace of speech.")
    private boolean fast;

    @Option(names = "--loop", description = "Begin again after the last file, for ever.")
    private boolean loop;

    @Option(
            names = "--at-once",
            paramLabel = "N",
            defaultValue = "4",
            converter = WholeNumber.Positive.class,
            description =
                    "Files that play side by side at the pace of speech. Default:"
                            + " ${DEFAULT-VALUE}.")
    private int atOnce;

    @Option(
            names = "--chunk-ms",
            paramLabel = "MS",
            defaultValue = "100",
            converter = ChunkMillis.class,
            description = "Length of an audio chunk. Default: ${DEFAULT-VALUE}.")
    private int chunkMillis;

    @Option(
            names = "--rate",
            paramLabel = "HZ",
            defaultValue = "8000",
            converter = SampleRate.class,
            description = "Samples per second of raw PCM. Default: ${DEFAULT-VALUE}.")
    private int rawSampleRate;

    @Option(
            names = "--channels",
            paramLabel = "N",
            defaultValue = "1",
            converter = Channels.class,
            description = "Channels of raw PCM. Default: ${DEFAULT-VALUE}.")
    private int rawChannels;

    @Option(
            names = "--channel",
            paramLabel = "N",
            converter = WholeNumber.Index.class,
            description =
                    "The channel to hear of audio with several, counted from 0. Without it, such"
                            + " audio is reported and left out.")
    private Integer channel;

    @Option(
            names = "-D",
            paramLabel = "KEY=VALUE",
            description =
                    "Set an option of the operators, such as -Dinference.max-batch-size=32 or"
                            + " -Dspeech.allowed-lateness=1s.")
    private Map<String, String> settings = Map.of();

    @Spec(Spec.Target.MIXEE)
    private CommandSpec command;

    private static final class ChunkMillis extends WholeNumber {
        ChunkMillis() {
            super(1, AudioFormat.MOST_CHUNK_MILLIS);
        }
    }

    private static final class SampleRate extends WholeNumber {
        SampleRate() {
            super(WavReader.MIN_SAMPLE_RATE, WavReader.MAX_SAMPLE_RATE);
        }
    }

    private static final class Channels extends WholeNumber {
        Channels() {
            super(1, WavReader.MAX_CHANNELS);
        }
    }

    /** Filled by picocli. */
    public AsrArguments() {}

    /**
     * Adds the audio to a job; what can't be read leaves through {@code BadInput.TAG}.
     *
     * @throws IOException if a named file or folder is not there
     * @throws ParameterException if a socket's address is none
     */
    public SingleOutputStreamOperator<AudioChunk> read(StreamExecutionEnvironment env)
            throws IOException {
        return read(env, InputSource.Options.NO_LIMIT, false);
    }

    /** The same in {@link InputSource.Options#limit}, and as a backlog or not. */
    public SingleOutputStreamOperator<AudioChunk> read(
            StreamExecutionEnvironment env, Duration limit, boolean backlog) throws IOException {
        AudioFormat format =
                new AudioFormat(
                        chunkMillis,
                        channel == null ? WavReader.MONO_ONLY : channel,
                        rawSampleRate,
                        rawChannels);
        InputSource.Options options =
                new InputSource.Options(
                        fast ? Pace.FAST : Pace.REAL_TIME, loop, atOnce, limit, backlog);
        List<StreamInput> streams;
        try {
            streams = AudioInputs.of(inputs);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
        return new InputSource<>(streams, format, options)
                .addTo(env, sourceName(), TypeInformation.of(AudioChunk.class));
    }

    /**
     * Of chunks of another length, or of other raw PCM, it is another source, whose state Flink
     * refuses: how far a stream was read is counted in chunks.
     */
    private String sourceName() {
        AudioFormat usual = AudioFormat.DEFAULT;
        return chunkMillis == usual.chunkMillis()
                        && rawSampleRate == usual.rawSampleRate()
                        && rawChannels == usual.rawChannels()
                ? "audio"
                : "audio in chunks of %d ms, raw PCM at %d Hz with %d channels"
                        .formatted(chunkMillis, rawSampleRate, rawChannels);
    }

    /**
     * Options of the operators.
     *
     * @throws ParameterException on a key or a value that they don't have, and on values that
     *     contradict each other
     */
    public Configuration settings() {
        return settings(settings, command);
    }

    /**
     * Options of a speech job's operators.
     *
     * @param command that was given them
     * @throws ParameterException on a key or a value that they don't have, and on values that
     *     contradict each other
     */
    public static Configuration settings(Map<String, String> settings, CommandSpec command) {
        try {
            Configuration read =
                    OperatorSettings.of(
                            settings,
                            InferenceOptions.class,
                            SpeechWindowOptions.class,
                            TranscriptOptions.class);
            requireUsable(read);
            return read;
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Makes the operators' settings, which check themselves. */
    private static void requireUsable(Configuration settings) {
        SpeechWindows.of(PreprocessorConfig.DIGITS).options(settings).settings();
        MicroBatchInference.of(
                        new SpeechInference("", ModelOptions.defaults()), WindowLogProbs.class)
                .options(settings)
                .settings();
        TranscriptAssembler.of(PreprocessorConfig.DIGITS, CtcLabels.DIGITS).options(settings);
    }
}
