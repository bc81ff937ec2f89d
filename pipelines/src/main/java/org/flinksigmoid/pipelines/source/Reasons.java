package org.flinksigmoid.pipelines.source;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;

/** Says why an input can't be read. */
public final class Reasons {
    /** Stands for what could not be read of a name. */
    private static final char UNREADABLE = '\uFFFD';

    private Reasons() {}

    /** What to do about a file that is not found: Java takes no name that is not UTF-8. */
    public static String hint(String file) {
        return file != null && file.indexOf(UNREADABLE) >= 0
                ? "; its name can't be used, it has characters that are not UTF-8: rename it"
                : "";
    }

    /** In a few words. */
    public static String of(IOException error) {
        return switch (error) {
            case NoSuchFileException missing -> "no such file" + hint(missing.getFile());
            case FileNotFoundException missing -> "no such file, or it can't be read";
            case AccessDeniedException denied -> "it may not be read: check its permissions";
            case UnknownHostException unknown -> "no host of that name is known";
            case EOFException end -> "it ends too early";
            default -> error.getMessage() == null ? error.getClass().getName() : error.getMessage();
        };
    }
}
