package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.flink.configuration.CheckpointingOptions;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class JobOptionsTest {
    @Test
    void onlyFilesOfResultsWaitForACheckpointAtTheEnd() {
        assertThat(waits()).isFalse();
        assertThat(waits("--output", "out")).isTrue();
    }

    private static boolean waits(String... arguments) {
        return CommandLine.populateCommand(new JobOptions(), arguments)
                .environment()
                .getConfiguration()
                .get(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH);
    }
}
