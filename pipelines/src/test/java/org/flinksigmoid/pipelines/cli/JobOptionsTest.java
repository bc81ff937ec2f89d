package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class JobOptionsTest {
    @Test
    void onlyFilesOfResultsWaitForACheckpointAtTheEnd() {
        assertThat(waits()).isFalse();
        assertThat(waits("--output", "out")).isTrue();
    }

    @Test
    void filesOfResultsAreCompletedSoonOnceTheInputHasEnded() {
        ReadableConfig configuration = configuration("--output", "out");
        assertThat(configuration.get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
                .isEqualTo(Duration.ofMillis(500));
        assertThat(configuration.get(CheckpointingOptions.CHECKPOINTING_INTERVAL_DURING_BACKLOG))
                .isEqualTo(Duration.ofSeconds(5));
    }

    private static boolean waits(String... arguments) {
        return configuration(arguments)
                .get(CheckpointingOptions.ENABLE_CHECKPOINTS_AFTER_TASKS_FINISH);
    }

    private static ReadableConfig configuration(String... arguments) {
        return CommandLine.populateCommand(new JobOptions(), arguments)
                .environment()
                .getConfiguration();
    }
}
