package org.flinksigmoid.pipelines.scoring;

import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.flinksigmoid.kernels.model.ModelOptions;

/**
 * How a job scores texts.
 *
 * @param model the checkpoint's folder, readable wherever the job runs
 * @param engine what the model runs on
 * @param name begins the names and uids of the operators: two scorings in one job have two
 * @param settings options of the operators: keys {@code inference.*}
 */
public record ScoringOptions(Path model, ModelOptions engine, String name, Configuration settings) {
    /** The best engine there is, every other option at its default. */
    public static ScoringOptions of(Path model) {
        return new ScoringOptions(model, ModelOptions.defaults(), "score", new Configuration());
    }

    /** These options on another engine. */
    public ScoringOptions withEngine(ModelOptions other) {
        return new ScoringOptions(model, other, name, settings);
    }

    /** These options under another name. */
    public ScoringOptions withName(String other) {
        return new ScoringOptions(model, engine, other, settings);
    }

    /** These options with others for the operators. */
    public ScoringOptions withSettings(Configuration others) {
        return new ScoringOptions(model, engine, name, others);
    }
}
