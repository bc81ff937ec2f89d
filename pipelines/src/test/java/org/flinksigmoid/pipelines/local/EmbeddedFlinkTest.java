package org.flinksigmoid.pipelines.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.MemorySize;
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

    @Test
    void flinkReadsTheNumbersThatItWritesWhateverTheLanguage() throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "@src/main/dist/conf/jvm.options",
                                "-Duser.language=fa",
                                "-Duser.country=IR",
                                "-Duser.extensions=u-nu-thai",
                                "-cp",
                                System.getProperty("java.class.path"),
                                InPersian.class.getName())
                        .inheritIO()
                        .start();
        assertThat(process.waitFor()).isZero();
    }

    /** Fails where it can't. */
    static final class InPersian {
        private InPersian() {}

        public static void main(String[] arguments) {
            MemorySize.parse(MemorySize.ofMebiBytes(16).toString());
        }
    }
}
