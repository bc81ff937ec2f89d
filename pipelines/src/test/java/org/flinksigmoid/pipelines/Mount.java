package org.flinksigmoid.pipelines;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** A name for a folder that leads elsewhere from one moment to the next, as where a disk goes. */
public final class Mount {
    private Mount() {}

    /** In one step: nobody who writes there meets a moment without either. */
    public static void let(Path name, Path leadTo) throws IOException {
        Path next = name.resolveSibling(name.getFileName() + "-next");
        Files.createSymbolicLink(next, leadTo.toAbsolutePath());
        Files.move(next, name, StandardCopyOption.ATOMIC_MOVE);
    }
}
