package org.flinksigmoid.pipelines;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.pipelines.source.Reasons;

/** Turns an exception into the one sentence that a user can act on. */
public final class Failures {
    /** As Linux and macOS say it of a full disk, without its name. */
    private static final String NO_SPACE = "No space left on device";

    /** As Java says that its heap is full, where Flink has not said what to do. */
    private static final String NO_HEAP = "Java heap space";

    /** As Java begins to say that a thread can't be started. */
    private static final String NO_THREAD = "unable to create native thread";

    /** As Flink says that a savepoint has state of an operator that the job doesn't have. */
    private static final Pattern OTHER_JOB =
            Pattern.compile(
                    "Failed to rollback to checkpoint/savepoint (.+)\\. Cannot map"
                            + " checkpoint/savepoint state for operator (\\w+) ");

    private Failures() {}

    /**
     * The message of the deepest cause that has one, and the class of one below it that has none:
     * Flink wraps what went wrong in several layers of "job execution failed". A refusal of ours
     * says more than what it was caused by.
     */
    public static String describe(Throwable error) {
        Throwable told = error;
        Throwable deepest = error;
        boolean refusal = false;
        for (Throwable cause = error; cause != null && !refusal; cause = cause.getCause()) {
            deepest = cause;
            if (cause.getMessage() != null && !cause.getMessage().isBlank()) {
                told = cause;
                refusal = isRefusal(cause);
            }
        }
        Matcher otherJob = OTHER_JOB.matcher(String.valueOf(told.getMessage()));
        if (otherJob.find()) {
            return "%s: expected state of this job, found some of an operator that it does not have (%s): name a savepoint of a job with the same windows, --chunk-ms, --rate and --channels, or leave that state out with --allow-non-restored-state: if it was the input's, all of that is read again"
                    .formatted(otherJob.group(1), otherJob.group(2));
        }
        return switch (told) {
            case NoSuchFileException missing ->
                    missing.getFile()
                            + ": no such file or folder"
                            + Reasons.hint(missing.getFile());
            case AccessDeniedException denied ->
                    denied.getFile() + ": expected to be allowed to use it, found that we are not";
            case FileAlreadyExistsException file ->
                    file.getFile() + ": expected a folder, found a file";
            case IOException full when NO_SPACE.equals(full.getMessage()) ->
                    "%s: make room, or set FLINK_SIGMOID_JAVA_OPTS=-Djava.io.tmpdir=DIR if it is that of %s"
                            .formatted(NO_SPACE, System.getProperty("java.io.tmpdir"));
            case OutOfMemoryError full
                    when full.getMessage() != null && full.getMessage().startsWith(NO_THREAD) ->
                    "threads: expected room for those of a job, some 80 and more with --parallelism"
                        + " or --threads, found that the system allows no more: raise ulimit -u,"
                        + " which counts all of the user's, or the container's limit of pids";
            case OutOfMemoryError full when NO_HEAP.equals(full.getMessage()) ->
                    "%s: expected room for the job, found the %d MB full that Java may take: set FLINK_SIGMOID_JAVA_OPTS=-Xmx to more, such as -Xmx4g, or name fewer inputs at once"
                            .formatted(NO_HEAP, Runtime.getRuntime().maxMemory() >> 20);
            case IllegalArgumentException bad when bad.getMessage() != null -> bad.getMessage();
            case IllegalStateException bad when bad.getMessage() != null -> bad.getMessage();
            default ->
                    told.getMessage() == null
                            ? told.getClass().getName()
                            : told.getMessage().lines().findFirst().orElse("").strip()
                                    + suffix(told, deepest);
        };
    }

    /** Whether our code says what it expected and what it found. */
    private static boolean isRefusal(Throwable error) {
        StackTraceElement[] trace = error.getStackTrace();
        return error instanceof CheckpointException
                || (error instanceof IllegalArgumentException || error instanceof IOException)
                        && trace.length > 0
                        && trace[0].getClassName().startsWith("org.flinksigmoid.");
    }

    /** Names the class where a message alone would mystify, as in "3" or "Index 3": not ours. */
    private static String suffix(Throwable told, Throwable deepest) {
        boolean ours = deepest.getClass().getName().startsWith("org.flinksigmoid.");
        return (deepest != told || told instanceof RuntimeException) && !ours
                ? " (" + deepest.getClass().getName() + ")"
                : "";
    }
}
