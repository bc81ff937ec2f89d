package org.flinksigmoid.kernels.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.util.regex.Pattern;

/** What is wrong with a text that should be JSON. */
public final class BrokenJson {
    /** Jackson's place in a source that it does not name: only line and column say anything. */
    private static final Pattern PLACE =
            Pattern.compile("\\[Source: REDACTED [^;\\]]*; ([^\\]]*)]");

    /** Where Jackson says which of its settings said so. */
    private static final Pattern SETTING =
            Pattern.compile(", from `StreamReadConstraints[^`]*`|: enable `[^`]*` to allow");

    private BrokenJson() {}

    /** Jackson's words, without its own settings in them. */
    public static String describe(JsonProcessingException error) {
        if (error.getOriginalMessage().startsWith("Trailing token")) {
            return "more behind its end";
        }
        String message = PLACE.matcher(error.getOriginalMessage()).replaceAll("$1");
        return SETTING.matcher(message).replaceAll("");
    }
}
