package org.flinksigmoid.pipelines.source;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.util.OutputTag;

/**
 * Input that could not be used. The job goes on without it.
 *
 * @param input which input, and which place in it where that is known
 * @param reason what was expected and what was found
 */
public record BadInput(String input, String reason) {
    /** Where bad inputs leave the job. */
    public static final OutputTag<BadInput> TAG =
            new OutputTag<>("bad-input", TypeInformation.of(BadInput.class));

    /** As one line of JSON. */
    public String json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("input", input)
                .put("reason", reason)
                .toString();
    }

    /** As a line for people. */
    @Override
    public String toString() {
        return input + ": " + reason;
    }
}
