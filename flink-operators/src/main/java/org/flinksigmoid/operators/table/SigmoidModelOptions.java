package org.flinksigmoid.operators.table;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ConfigOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.backend.WeightFormat;
import org.flinksigmoid.kernels.model.BackendName;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.inference.InferenceOptions;

/**
 * Options of a model in SQL: what stands in {@code CREATE MODEL ... WITH}. How it batches, retries
 * and fails is said with the keys of {@link InferenceOptions}, as in DataStream jobs.
 */
public final class SigmoidModelOptions {
    /** What a value of type BYTES holds. */
    public enum AudioFormat {
        /** A WAV file where the bytes begin as one, samples otherwise. */
        AUTO,
        /** A WAV file with 16-bit samples, which says its own rate. */
        WAV,
        /** Samples alone, 16 bits each, little-endian. */
        PCM16;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Where the model is. */
    public static final ConfigOption<String> PATH =
            ConfigOptions.key("path")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "Folder of the checkpoint, readable where statements are planned and"
                                    + " on every TaskManager.");

    /** What the output means. */
    public static final ConfigOption<String> TASK =
            ConfigOptions.key("task")
                    .stringType()
                    .noDefaultValue()
                    .withDescription(
                            "text-classification, score, embedding or ctc; must be the"
                                    + " checkpoint's. Default: the checkpoint's.");

    /** What runs the model. */
    public static final ConfigOption<BackendName> BACKEND =
            ConfigOptions.key("backend")
                    .enumType(BackendName.class)
                    .defaultValue(BackendName.AUTO)
                    .withDescription(
                            "auto, scalar, vector or tornado (a GPU); only auto falls back.");

    /** CPU threads. */
    public static final ConfigOption<Integer> THREADS =
            ConfigOptions.key("threads")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "CPU threads of the model in a TaskManager, from 1 to 1024. Default:"
                                    + " all of its processors.");

    /** What matrices are kept in. */
    public static final ConfigOption<WeightFormat> WEIGHTS =
            ConfigOptions.key("weights")
                    .enumType(WeightFormat.class)
                    .defaultValue(WeightFormat.FLOAT)
                    .withDescription(
                            "What matrices are kept in: float, bf16 or int8; the narrow ones are"
                                    + " for the CPU and save memory, not time.");

    /** GPU. */
    public static final ConfigOption<Integer> DEVICE =
            ConfigOptions.key("device")
                    .intType()
                    .defaultValue(0)
                    .withDescription(
                            "Index of the GPU; gives way to the one that Flink's external"
                                    + " resources assign.");

    /** What bytes hold. */
    public static final ConfigOption<AudioFormat> AUDIO_FORMAT =
            ConfigOptions.key("audio.format")
                    .enumType(AudioFormat.class)
                    .defaultValue(AudioFormat.AUTO)
                    .withDescription(
                            "What audio of type BYTES is: wav, pcm16 (16-bit little-endian samples"
                                    + " of one channel), or auto, which looks for a WAV header.");

    /** Rate of audio that does not say its own. */
    public static final ConfigOption<Integer> AUDIO_SAMPLE_RATE =
            ConfigOptions.key("audio.sample-rate")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "Samples per second of audio without a header; resampled if it is not"
                                    + " the model's. Default: the model's.");

    /** Which channel of several is heard. */
    public static final ConfigOption<Integer> AUDIO_CHANNEL =
            ConfigOptions.key("audio.channel")
                    .intType()
                    .noDefaultValue()
                    .withDescription(
                            "The channel to hear of a WAV file with several, counted from 0."
                                    + " Without it, such a file is a record that fails.");

    /** Options that must be set. */
    static final Set<ConfigOption<?>> REQUIRED = Set.of(PATH);

    /** Options that may be set. */
    static final Set<ConfigOption<?>> OPTIONAL =
            Set.of(
                    TASK,
                    BACKEND,
                    THREADS,
                    DEVICE,
                    WEIGHTS,
                    AUDIO_FORMAT,
                    AUDIO_SAMPLE_RATE,
                    AUDIO_CHANNEL,
                    InferenceOptions.MAX_BATCH_SIZE,
                    InferenceOptions.MAX_BATCH_TOKENS,
                    InferenceOptions.BATCH_TIMEOUT,
                    InferenceOptions.MAX_IN_FLIGHT,
                    InferenceOptions.CONCURRENCY,
                    InferenceOptions.ON_FAILURE,
                    InferenceOptions.MAX_ATTEMPTS,
                    InferenceOptions.RETRY_BACKOFF);

    private SigmoidModelOptions() {}

    /**
     * What a model runs on.
     *
     * @throws IllegalArgumentException naming the option, what was expected and what was found
     */
    static ModelOptions engine(ReadableConfig options) {
        Optional<Integer> threads = options.getOptional(THREADS);
        if (threads.isPresent() && threads.get() == ModelOptions.ALL_PROCESSORS) {
            throw new IllegalArgumentException(
                    "%s: expected 1 to %d, found %d"
                            .formatted(THREADS.key(), BackendOptions.MOST_THREADS, threads.get()));
        }
        return new ModelOptions(
                        options.get(BACKEND).toString(),
                        threads.orElse(ModelOptions.ALL_PROCESSORS),
                        options.get(DEVICE))
                .withWeights(options.get(WEIGHTS));
    }
}
