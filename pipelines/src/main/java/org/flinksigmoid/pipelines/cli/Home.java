package org.flinksigmoid.pipelines.cli;

import java.nio.file.Path;

/** Where the launcher script says that models and bundled data lie. */
final class Home {
    private Home() {}

    /** The folder that holds {@code models}; the working folder where nobody said. */
    static Path folder() {
        return Path.of(System.getProperty("flinksigmoid.home", "."));
    }
}
