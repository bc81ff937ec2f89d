package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.NoSuchFileException;
import org.apache.flink.client.program.ProgramParametrizationException;
import org.flinksigmoid.pipelines.scoring.ScoringJob;
import org.junit.jupiter.api.Test;

class JobArgumentsTest {
    @Test
    void aJobThatCanNotBeSubmittedSaysWhyAsFlinksClientShowsIt() {
        String[] arguments = {"--model", "none", "--output", "out", "none.txt"};
        assertThatThrownBy(() -> ScoringJob.main(arguments))
                .isInstanceOf(ProgramParametrizationException.class)
                .hasMessage("ScoringJob: not submitted: none.txt: no such file or folder")
                .hasCauseInstanceOf(NoSuchFileException.class);
    }
}
