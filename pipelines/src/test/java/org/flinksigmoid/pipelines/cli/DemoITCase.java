package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.flinksigmoid.kernels.audio.WavFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The first thing that a newcomer runs. */
class DemoITCase {
    @Test
    void whatIsBundledIsTranscribedAndScored() {
        Cli cli = Cli.run("demo", "--fast");
        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(cli.out())
                .containsPattern("(?m)^00:0.* flite-slt.wav +~ 5 6")
                .containsPattern("(?m)^00:0.* flite-slt.wav += 5 6 1$")
                .containsPattern("(?m)^language +de +[01][.]\\d+ ")
                .containsPattern("(?m)^mail +spam ")
                .containsPattern("(?m)^speech .* real-time factor ")
                .containsPattern("(?m)^ +\\d+ windows in \\d+ batches, .* p50 \\d+ ms, p99 \\d+ ms")
                .containsPattern("(?m)^backend +Chose ");
    }

    @Test
    void aStreamOfWhichNothingIsHeardIsAFailureThatNamesIt(@TempDir Path folder)
            throws IOException {
        new WavFile(8000, new short[8000]).write(folder.resolve("silence.wav"));
        Cli cli = Cli.run("demo", "--fast", "--data", folder.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err())
                .contains(
                        "demo: expected a transcript of every stream, found none of [silence.wav]");
    }
}
