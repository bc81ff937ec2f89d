package org.flinksigmoid.pipelines.cli;

import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Turns an exception into the one sentence that a user can act on. */
final class Failures {
    private Failures() {}

    /**
     * The message of the deepest cause that has one: Flink wraps what went wrong in several layers
     * of "job execution failed".
     */
    static String describe(Throwable error) {
        Throwable told = error;
        for (Throwable cause = error; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                told = cause;
            }
        }
        return switch (told) {
            case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
            case AccessDeniedException denied ->
                    denied.getFile() + ": expected to be allowed to use it, found that we are not";
            case IllegalArgumentException bad when bad.getMessage() != null -> bad.getMessage();
            case IllegalStateException bad when bad.getMessage() != null -> bad.getMessage();
            default ->
                    told.getMessage() == null
                            ? told.getClass().getName()
                            : told.getMessage().lines().findFirst().orElse("").strip()
                                    + suffix(told);
        };
    }

    /** Names the class where a message alone would mystify, as in "3" or "Index 3": not ours. */
    private static String suffix(Throwable error) {
        boolean ours = error.getClass().getName().startsWith("org.flinksigmoid.");
        return error instanceof RuntimeException && !ours
                ? " (" + error.getClass().getName() + ")"
                : "";
    }
}
