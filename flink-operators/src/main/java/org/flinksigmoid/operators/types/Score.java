package org.flinksigmoid.operators.types;

import java.util.Arrays;
import java.util.Objects;
import org.apache.flink.api.common.typeinfo.TypeInfo;

/**
 * What a text model says of one text.
 *
 * @param key key of the message
 * @param id id of the message
 * @param label name of the best class; empty for models without classes
 * @param score probability of that class, or the score itself; 0 for an embedding
 * @param scores one probability per class in the order of the model's labels, or the embedding; not
 *     copied, not to be written to afterwards
 * @param characters length of the text that was scored, in UTF-16 units
 * @param timestampMillis event time of the message
 * @param modelVersion version of the model that scored, empty if it has none
 */
@TypeInfo(ScoreSerializer.TypeInfoFactory.class)
public record Score(
        String key,
        String id,
        String label,
        float score,
        float[] scores,
        int characters,
        long timestampMillis,
        String modelVersion) {
    /** Checks the fields. */
    public Score {
        Checks.notNull("Score.key", key);
        Checks.notNull("Score.id", id);
        Checks.notNull("Score.label", label);
        Checks.notNull("Score.scores", scores);
        Checks.notNull("Score.modelVersion", modelVersion);
        Checks.notNegative("Score.characters", characters);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Score that
                && key.equals(that.key)
                && id.equals(that.id)
                && label.equals(that.label)
                && Float.compare(score, that.score) == 0
                && Arrays.equals(scores, that.scores)
                && characters == that.characters
                && timestampMillis == that.timestampMillis
                && modelVersion.equals(that.modelVersion);
    }

    @Override
    public int hashCode() {
        return Objects.hash(
                key,
                id,
                label,
                score,
                Arrays.hashCode(scores),
                characters,
                timestampMillis,
                modelVersion);
    }

    @Override
    public String toString() {
        return "Score["
                + "key="
                + key
                + ", id="
                + id
                + ", label="
                + label
                + ", score="
                + score
                + ", scores="
                + scores.length
                + " values"
                + ", characters="
                + characters
                + ", timestampMillis="
                + timestampMillis
                + ", modelVersion="
                + modelVersion
                + "]";
    }
}
