package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.NoSuchFileException;
import java.util.List;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.flinksigmoid.pipelines.asr.AsrJob;
import org.flinksigmoid.pipelines.scoring.ScoringJob;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class JobArgumentsTest {
    @Test
    void aJobThatCanNotBeSubmittedSaysWhyAsFlinksClientShowsIt() {
        String[] arguments = {"--model", "none", "--output", "out", "none.txt"};
        assertThatThrownBy(() -> ScoringJob.main(arguments))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessage("ScoringJob: not submitted: none.txt: no such file or folder")
                .hasCauseInstanceOf(NoSuchFileException.class);
    }

    @Test
    void aClustersJobHasNoStandardInput() {
        for (CommandLine job : List.of(AsrJob.commandLine(), ScoringJob.commandLine())) {
            StringWriter err = new StringWriter();
            int code =
                    job.setErr(new PrintWriter(err))
                            .execute("--model", "none", "--output", "out", "-");
            assertThat(code).isEqualTo(2);
            assertThat(err.toString())
                    .startsWith("INPUT: expected files or tcp://HOST:PORT, found -: a job on a");
        }
    }

    @Test
    void aClustersHelpNamesNoStandardInput() {
        for (CommandLine job : List.of(AsrJob.commandLine(), ScoringJob.commandLine())) {
            StringWriter out = new StringWriter();
            assertThat(job.setOut(new PrintWriter(out)).execute("--help")).isZero();
            assertThat(out.toString()).contains("tcp://HOST:PORT").doesNotContain("standard input");
        }
    }
}
