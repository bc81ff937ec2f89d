package org.flinksigmoid.pipelines.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.junit.jupiter.api.Test;

class EmbeddedFlinkTest {
    @Test
    void allThatFlinkPutsOnTheDiskIsInTheFolderThatGoes() {
        Configuration configuration = EmbeddedFlink.configuration(1, Duration.ZERO);
        String folder = TemporaryFolder.path().toString();
        assertThat(List.of(CoreOptions.TMP_DIRS, WebOptions.TMP_DIR))
                .allSatisfy(option -> assertThat(configuration.get(option)).isEqualTo(folder));
    }

    @Test
    void aPauseOfTheProcessIsNotTakenForADeath() {
        Configuration configuration = EmbeddedFlink.configuration(1, Duration.ZERO);
        assertThat(configuration.get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT))
                .isGreaterThan(Duration.ofDays(7));
    }
}
