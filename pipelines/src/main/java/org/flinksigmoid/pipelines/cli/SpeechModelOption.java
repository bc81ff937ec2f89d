package org.flinksigmoid.pipelines.cli;

import java.io.IOException;
import java.nio.file.Path;
import org.flinksigmoid.pipelines.bench.RandomSpeechModel;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
import picocli.CommandLine.Option;

/** The speech model of a measurement, which may be one that is made on the spot. */
final class SpeechModelOption {
    private static final String LARGE = "large";

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "digits-ctc",
            description =
                    "Folder of a checkpoint, the name of a shipped model, or large: a speech model"
                            + " of 12 layers, d = 512, 8 heads, FFN 2048, with random weights, made"
                            + " on the spot. Default: ${DEFAULT-VALUE}.")
    private String model;

    SpeechModelOption() {}

    /** The checkpoint's folder. */
    Path folder() throws IOException {
        return LARGE.equals(model)
                ? RandomSpeechModel.LARGE.write(TemporaryFolder.path().resolve(LARGE))
                : ModelOption.resolve(model);
    }
}
