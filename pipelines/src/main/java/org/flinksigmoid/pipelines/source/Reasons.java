package org.flinksigmoid.pipelines.source;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Says why an input can't be read. */
public final class Reasons {
    private Reasons() {}

    /** In a few words. */
    public static String of(IOException error) {
        return switch (error) {
            case NoSuchFileException missing -> "no such file";
            case FileNotFoundException missing -> "no such file, or it can't be read";
            case AccessDeniedException denied -> "it may not be read: check its permissions";
            case UnknownHostException unknown -> "no host of that name is known";
            case EOFException end -> "it ends too early";
            default -> error.getMessage() == null ? error.getClass().getName() : error.getMessage();
        };
    }
}
