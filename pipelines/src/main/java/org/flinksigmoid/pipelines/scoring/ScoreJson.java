package org.flinksigmoid.pipelines.scoring;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.flinksigmoid.operators.types.Score;

/** A score as one line of JSON. */
public final class ScoreJson {
    private ScoreJson() {}

    /** One line, without its end. */
    public static String line(Score score) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        object.put("key", score.key())
                .put("id", score.id())
                .put("label", score.label())
                .put("score", score.score())
                .put("characters", score.characters())
                .put("timestamp", score.timestampMillis())
                .put("model", score.modelVersion());
        ArrayNode scores = object.putArray("scores");
        for (float value : score.scores()) {
            scores.add(value);
        }
        return object.toString();
    }
}
