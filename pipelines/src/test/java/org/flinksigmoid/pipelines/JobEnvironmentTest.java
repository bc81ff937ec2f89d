package org.flinksigmoid.pipelines;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.CheckpointConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

class JobEnvironmentTest {
    @Test
    void barriersOvertakeRecordsAfterAMoment() {
        CheckpointConfig checkpoints =
                JobEnvironment.create().enableCheckpointing(1000).getCheckpointConfig();
        assertThat(checkpoints.isUnalignedCheckpointsEnabled()).isTrue();
        assertThat(checkpoints.getAlignedCheckpointTimeout()).isEqualTo(Duration.ofMillis(200));
    }

    @Test
    void checkpointsGoWhereTheFolderIsWhateverItsName() {
        String folder = "/data/my f\u00fclle, 100%25 #1?";
        String setting = JobEnvironment.checkpointsIn(Path.of(folder));
        assertThat(new org.apache.flink.core.fs.Path(setting).getPath()).isEqualTo(folder);
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFolderThatFlinkWouldTakeForAnotherIsRefused() {
        assertThatThrownBy(() -> JobEnvironment.inFlink(Path.of("/data/a\\b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("/data/a\\b: expected a folder without \\ in its name");
    }

    @Test
    void whatTheClusterSaysAboutUnalignedCheckpointsStands() {
        Configuration cluster =
                new Configuration().set(CheckpointingOptions.ENABLE_UNALIGNED, false);
        assertThat(JobEnvironment.promptCheckpoints(cluster).keySet()).isEmpty();

        Configuration patient =
                new Configuration()
                        .set(
                                CheckpointingOptions.ALIGNED_CHECKPOINT_TIMEOUT,
                                Duration.ofSeconds(7));
        assertThat(JobEnvironment.promptCheckpoints(patient).keySet())
                .containsExactly(CheckpointingOptions.ENABLE_UNALIGNED.key());

        Configuration several =
                new Configuration().set(CheckpointingOptions.MAX_CONCURRENT_CHECKPOINTS, 2);
        assertThat(JobEnvironment.promptCheckpoints(several).keySet())
                .as("Flink refuses a job that has both")
                .isEmpty();
    }
}
