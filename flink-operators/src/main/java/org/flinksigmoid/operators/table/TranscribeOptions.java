package org.flinksigmoid.operators.table;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.table.api.ValidationException;
import org.flinksigmoid.kernels.model.ModelOptions;
import org.flinksigmoid.operators.window.SpeechWindowOptions;
import org.flinksigmoid.operators.window.SpeechWindowSettings;
import org.flinksigmoid.operators.window.TranscriptOptions;

/**
 * What TRANSCRIBE can be told.
 *
 * @param engine what the model runs on
 * @param windows order and ends of streams
 * @param partials whether results come before they are final
 */
record TranscribeOptions(ModelOptions engine, SpeechWindowSettings windows, boolean partials) {
    private static final List<ConfigOption<?>> KNOWN =
            List.of(
                    SigmoidModelOptions.BACKEND,
                    SigmoidModelOptions.THREADS,
                    SigmoidModelOptions.DEVICE,
                    SigmoidModelOptions.WEIGHTS,
                    SpeechWindowOptions.ALLOWED_LATENESS,
                    SpeechWindowOptions.MAX_GAP,
                    SpeechWindowOptions.IDLE_TIMEOUT,
                    SpeechWindowOptions.TIMESTAMP_TOLERANCE,
                    SpeechWindowOptions.MAX_WAITING,
                    SpeechWindowOptions.MAX_AHEAD,
                    TranscriptOptions.PARTIALS);

    /**
     * Reads {@code key = value} pairs with commas between them.
     *
     * @throws ValidationException naming the key
     */
    static TranscribeOptions parse(String text) {
        Configuration options = Configuration.fromMap(pairs(text));
        try {
            return new TranscribeOptions(
                    SigmoidModelOptions.engine(options),
                    new SpeechWindowSettings(
                            options.get(SpeechWindowOptions.ALLOWED_LATENESS),
                            options.get(SpeechWindowOptions.MAX_GAP),
                            options.get(SpeechWindowOptions.IDLE_TIMEOUT),
                            options.get(SpeechWindowOptions.TIMESTAMP_TOLERANCE),
                            options.get(SpeechWindowOptions.MAX_WAITING),
                            options.get(SpeechWindowOptions.MAX_AHEAD)),
                    options.get(TranscriptOptions.PARTIALS));
        } catch (IllegalArgumentException e) {
            throw new ValidationException("TRANSCRIBE, options: " + e.getMessage(), e);
        }
    }

    private static Map<String, String> pairs(String text) {
        Set<String> known =
                KNOWN.stream()
                        .map(ConfigOption::key)
                        .collect(Collectors.toCollection(TreeSet::new));
        Map<String, String> pairs = new HashMap<>();
        for (String pair : text.isBlank() ? new String[0] : text.split(",")) {
            String[] parts = pair.split("=", 2);
            String key = parts[0].strip();
            if (parts.length != 2 || !known.contains(key)) {
                throw new ValidationException(
                        "TRANSCRIBE, options: expected pairs KEY = VALUE with keys of %s, found \"%s\""
                                .formatted(known, pair.strip()));
            }
            pairs.put(key, parts[1].strip());
        }
        return pairs;
    }
}
