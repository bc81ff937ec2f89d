package org.flinksigmoid.pipelines.asr;

import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.flinksigmoid.kernels.model.ModelOptions;

/**
 * How a job recognises speech.
 *
 * @param model the checkpoint's folder, readable wherever the job runs
 * @param engine what the model runs on
 * @param partials whether results that may still change are wanted, too; {@code
 *     transcript.partials}, where it is set, says it instead
 * @param name begins the names and uids of the operators: two recognitions in one job have two;
 *     empty, as it is by default, where there is one
 * @param settings options of the operators: keys {@code speech.*}, {@code inference.*} and {@code
 *     transcript.*}
 */
public record AsrOptions(
        Path model, ModelOptions engine, boolean partials, String name, Configuration settings) {
    /** The best engine there is, partial results, every other option at its default. */
    public static AsrOptions of(Path model) {
        return new AsrOptions(model, ModelOptions.defaults(), true, "", new Configuration());
    }

    /** These options on another engine. */
    public AsrOptions withEngine(ModelOptions other) {
        return new AsrOptions(model, other, partials, name, settings);
    }

    /** These options with or without partial results. */
    public AsrOptions withPartials(boolean wanted) {
        return new AsrOptions(model, engine, wanted, name, settings);
    }

    /** These options under another name. */
    public AsrOptions withName(String other) {
        return new AsrOptions(model, engine, partials, other, settings);
    }

    /** These options with others for the operators. */
    public AsrOptions withSettings(Configuration others) {
        return new AsrOptions(model, engine, partials, name, others);
    }

    /** An operator's uid. */
    String uid(String operator) {
        return name.isEmpty() ? operator : name + "-" + operator;
    }

    /** An operator's name, for people. */
    String title(String operator) {
        return name.isEmpty() ? operator : name + ": " + operator;
    }
}
