package org.flinksigmoid.pipelines.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a process of a cluster has written.
 *
 * @param file its standard output and error
 */
record ProcessLog(Path file) {
    /** In the trace of an exception; the class and the message are the group. */
    private static final Pattern EXCEPTION =
            Pattern.compile(
                    "(?:Caused by: |Terminating due to |Exception in thread \"[^\"]*\" )?"
                            + "((?:[\\w$]+\\.)+[\\w$]+(?:Exception|Error)(?:: .*)?)");

    /** Whether it is of a TaskManager that the JobManager has come to know. */
    boolean tellsOfRegistration() {
        return !last(line -> line.contains("Successful registration at resource manager"))
                .isEmpty();
    }

    /** The line that says best why the process has ended; empty if it wrote nothing. */
    String reason() {
        Matcher exception = EXCEPTION.matcher(last(line -> EXCEPTION.matcher(line).matches()));
        if (exception.matches()) {
            return exception.group(1);
        }
        String error = last(line -> line.contains(" ERROR "));
        return error.isEmpty() ? last(line -> !line.isBlank()) : error;
    }

    private String last(Predicate<String> wanted) {
        // Any byte is a character of this set, so none fails.
        try (Stream<String> lines = Files.lines(file, StandardCharsets.ISO_8859_1)) {
            return lines.filter(wanted).reduce("", (_, later) -> later);
        } catch (IOException | UncheckedIOException e) {
            return ""; // it could not be written, either
        }
    }
}
