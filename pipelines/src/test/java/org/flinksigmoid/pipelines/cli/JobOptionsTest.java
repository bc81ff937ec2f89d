package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.util.FlinkRuntimeException;
import org.flinksigmoid.pipelines.Failures;
import org.flinksigmoid.pipelines.local.TemporaryFolder;
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

    @Test
    void checkpointsThatCannotBeWrittenAreSaidWithTheirFolder() {
        Exception flinks =
                new FlinkRuntimeException(
                        "Exceeded checkpoint tolerable failure threshold. View the Job Manager"
                                + " log.");
        Exception other = new Exception("job", new IOException("no room"));
        assertThat(Failures.describe(JobOptions.named(new Exception("Job failed.", flinks))))
                .startsWith(TemporaryFolder.path() + ": expected to write checkpoints there");
        assertThat(JobOptions.named(other)).isSameAs(other);
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
