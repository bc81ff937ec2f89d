package org.flinksigmoid.pipelines.cli;

import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The text model of a command. */
final class TextModelOption {
    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "langid",
            description =
                    "Folder of a text model's checkpoint, or the name of a shipped one. Default:"
                            + " ${DEFAULT-VALUE}.")
    private String model;

    TextModelOption() {}

    /** The checkpoint's folder. */
    Path folder() throws IOException {
        return ModelOption.resolve(model);
    }
}
