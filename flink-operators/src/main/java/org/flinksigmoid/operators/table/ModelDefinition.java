package org.flinksigmoid.operators.table;

import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedCatalogModel;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.flinksigmoid.kernels.audio.SpeechFrontEnd;
import org.flinksigmoid.kernels.audio.WavReader;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.checkpoint.ModelConfig;
import org.flinksigmoid.kernels.checkpoint.Task;
import org.flinksigmoid.kernels.model.BackendName;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.kernels.model.SpeechModel;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.inference.InferenceSettings;
import org.flinksigmoid.operators.table.SigmoidModelOptions.AudioFormat;

/**
 * A model as SQL declares it, checked against itself and the checkpoint.
 *
 * @param path the checkpoint's folder
 * @param task what it does
 * @param engine what it runs on
 * @param settings how it batches, retries and fails
 * @param audioFormat what BYTES hold
 * @param audioRate samples per second of audio without a header; 0 for the model's
 * @param audioChannel of a WAV file, counted from 0; {@link WavReader#MONO_ONLY}: it must have but
 *     one
 * @param output columns of the results
 */
record ModelDefinition(
        String path,
        Task task,
        ModelOptions engine,
        InferenceSettings settings,
        AudioFormat audioFormat,
        int audioRate,
        int audioChannel,
        OutputColumns output)
        implements Serializable {
    /**
     * Reads a declaration.
     *
     * @param options of the WITH clause
     * @param model its columns
     * @throws ValidationException naming the option or column, what was expected and what was found
     */
    static ModelDefinition of(ReadableConfig options, ResolvedCatalogModel model) {
        String path = options.get(SigmoidModelOptions.PATH);
        Task task = task(path, options);
        requireInput(task, model.getResolvedInputSchema().getColumns());
        ModelDefinition definition =
                new ModelDefinition(
                        path,
                        task,
                        checked(() -> SigmoidModelOptions.engine(options)),
                        checked(() -> InferenceSettings.of(options)),
                        options.get(SigmoidModelOptions.AUDIO_FORMAT),
                        options.getOptional(SigmoidModelOptions.AUDIO_SAMPLE_RATE).orElse(0),
                        audioChannel(options),
                        OutputColumns.of(task, model.getResolvedOutputSchema()));
        if (task != Task.CTC) {
            refuse(options, SigmoidModelOptions.AUDIO_FORMAT, task);
            refuse(options, SigmoidModelOptions.AUDIO_SAMPLE_RATE, task);
            refuse(options, SigmoidModelOptions.AUDIO_CHANNEL, task);
        }
        definition.requireUsable(options);
        return definition;
    }

    private static Task task(String path, ReadableConfig options) {
        Path folder = folder(path);
        if (!Files.isDirectory(folder)) {
            throw wrong(
                    SigmoidModelOptions.PATH,
                    "the folder of a checkpoint",
                    Files.exists(folder) ? path + ", a file" : "nothing at " + path);
        }
        Task found;
        try {
            found = ModelConfig.read(folder).task();
        } catch (CheckpointException e) {
            throw unusable(path, e);
        }
        String asked = options.getOptional(SigmoidModelOptions.TASK).orElse(found.key());
        if (!asked.equals(found.key())) {
            boolean known = Arrays.stream(Task.values()).anyMatch(t -> t.key().equals(asked));
            throw wrong(
                    SigmoidModelOptions.TASK,
                    known
                            ? found.key() + ", as the checkpoint in " + path + " says"
                            : Arrays.stream(Task.values())
                                    .map(Task::key)
                                    .collect(Collectors.joining(", ", "one of ", "")),
                    asked);
        }
        return found;
    }

    private static Path folder(String path) {
        try {
            return Path.of(path);
        } catch (InvalidPathException e) {
            throw wrong(SigmoidModelOptions.PATH, "a path", "\"" + path + "\"");
        }
    }

    private static void requireInput(Task task, List<Column> columns) {
        boolean speech = task == Task.CTC;
        String expected = speech ? "BYTES or ARRAY<FLOAT> with audio" : "STRING with a text";
        if (columns.size() != 1) {
            throw new ValidationException(
                    "INPUT: expected one column, %s, found %d: %s"
                            .formatted(
                                    expected,
                                    columns.size(),
                                    columns.stream()
                                            .map(Column::getName)
                                            .collect(Collectors.joining(", "))));
        }
        LogicalType type = columns.getFirst().getDataType().getLogicalType();
        boolean fits =
                speech
                        ? type.is(LogicalTypeFamily.BINARY_STRING)
                                || type instanceof ArrayType array
                                        && array.getElementType().is(LogicalTypeRoot.FLOAT)
                        : type.is(LogicalTypeFamily.CHARACTER_STRING);
        if (!fits) {
            throw new ValidationException(
                    "INPUT column %s: expected %s, found %s"
                            .formatted(
                                    columns.getFirst().getName(),
                                    expected,
                                    type.asSummaryString()));
        }
    }

    private static <T> T checked(Supplier<T> options) {
        try {
            return options.get();
        } catch (IllegalArgumentException e) {
            throw new ValidationException(e.getMessage(), e);
        }
    }

    private static int audioChannel(ReadableConfig options) {
        int channel = options.getOptional(SigmoidModelOptions.AUDIO_CHANNEL).orElse(0);
        if (channel < 0) {
            throw wrong(SigmoidModelOptions.AUDIO_CHANNEL, "0 or more", channel);
        }
        return options.getOptional(SigmoidModelOptions.AUDIO_CHANNEL).orElse(WavReader.MONO_ONLY);
    }

    private static void refuse(ReadableConfig options, ConfigOption<?> option, Task task) {
        if (options.getOptional(option).isPresent()) {
            throw wrong(option, "nothing, as task " + task.key() + " reads no audio", "a value");
        }
    }

    /** Loads the checkpoint once, on the backend that is everywhere. */
    private void requireUsable(ReadableConfig options) {
        ModelOptions plain = engine.withBackend(BackendName.SCALAR.toString());
        try {
            if (task != Task.CTC) {
                TextModel.load(Path.of(path), plain).close();
                return;
            }
            try (SpeechModel model = SpeechModel.load(Path.of(path), plain)) {
                requireRate(model, options);
            }
        } catch (CheckpointException e) {
            throw unusable(path, e);
        }
    }

    private void requireRate(SpeechModel model, ReadableConfig options) {
        boolean given = options.getOptional(SigmoidModelOptions.AUDIO_SAMPLE_RATE).isPresent();
        if (given && !new SpeechFrontEnd(model.preprocessor()).supports(audioRate)) {
            throw wrong(
                    SigmoidModelOptions.AUDIO_SAMPLE_RATE,
                    "a rate in a simple ratio to the model's %d Hz"
                            .formatted(model.preprocessor().mel().sampleRate()),
                    audioRate);
        }
    }

    private static ValidationException unusable(String path, CheckpointException e) {
        return new ValidationException(
                "%s = %s: %s".formatted(SigmoidModelOptions.PATH.key(), path, e.getMessage()), e);
    }

    private static ValidationException wrong(
            ConfigOption<?> option, String expected, Object found) {
        return new ValidationException(
                "%s: expected %s, found %s".formatted(option.key(), expected, found));
    }
}
