package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClusterProcessesTest {
    @Test
    void aPortThatOthersUseIsRefusedBeforeAProcessStarts(@TempDir Path folder) throws Exception {
        try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            int port = other.getLocalPort();
            ClusterOptions options =
                    new ClusterOptions(1, 1, port, folder, List.of(), "none", Map.of());
            assertThatThrownBy(() -> ClusterProcesses.start(options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("port %d: expected one that nobody uses, found it in use", port);
            assertThat(folder).isEmptyDirectory();
        }
    }

    /** It would put its temporary files elsewhere, and leave them there. */
    @Test
    void aFolderWhoseNameFlinkWouldCutIsRefused(@TempDir Path folder) throws Exception {
        Path cut = folder.resolve("a,b");
        ClusterOptions options =
                new ClusterOptions(1, 1, FreePort.find(), cut, List.of(), "none", Map.of());
        assertThatThrownBy(() -> ClusterProcesses.start(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(cut + "/tmp: expected a folder without , in its name");
        assertThat(folder).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"taskmanager.memory.network.min", "jobmanager.memory.heap.size"})
    void aSettingThatMeansNothingIsRefusedWithItsKey(String key, @TempDir Path folder)
            throws Exception {
        Map<String, String> settings = Map.of(key, "foo");
        ClusterOptions options =
                new ClusterOptions(1, 1, FreePort.find(), folder, List.of(), "none", settings);
        assertThatThrownBy(() -> ClusterProcesses.start(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("-D: ", key);
    }

    /** It was waited for at the other port, or left aside without a word. */
    @ParameterizedTest
    @CsvSource({
        "rest.port, --port",
        "rest.bind-port, --port",
        "taskmanager.numberOfTaskSlots, --slots"
    })
    void aSettingThatHasAnOptionIsRefused(String key, String option, @TempDir Path folder) {
        Map<String, String> settings = Map.of(key, "3");
        assertThatThrownBy(
                        () -> new ClusterOptions(1, 1, 8081, folder, List.of(), "none", settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("-D%s: expected %s in its place", key, option);
    }

    /** For which it was waited in vain, five minutes long. */
    @Test
    void aClusterThatSpeaksTlsIsRefused(@TempDir Path folder) {
        Map<String, String> settings = Map.of("security.ssl.rest.enabled", "true");
        assertThatThrownBy(
                        () -> new ClusterOptions(1, 1, 8081, folder, List.of(), "none", settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("-Dsecurity.ssl.rest.enabled: expected false");
    }

    /** The same with one that answers at another address only. */
    @ParameterizedTest
    @CsvSource({"0.0.0.0, localhost", "192.0.2.7, 192.0.2.7", "::1, [::1]"})
    void aClusterIsAskedWhereItAnswers(String bound, String host, @TempDir Path folder) {
        Map<String, String> settings = Map.of("rest.bind-address", bound);
        assertThat(new ClusterOptions(1, 1, 8081, folder, List.of(), "none", settings).restHost())
                .isEqualTo(host);
    }

    @Test
    void whatKilledProcessesLeftIsDeletedAndNothingElse(@TempDir Path folder) throws Exception {
        Path temporary = folder.resolve("tmp");
        for (String name : List.of("jobmanager/flink-web-1", "taskmanager-17/blobs", "ours")) {
            Files.createDirectories(temporary.resolve(name));
        }
        ClusterOptions options =
                new ClusterOptions(
                        1,
                        1,
                        FreePort.find(),
                        folder,
                        List.of(),
                        "none",
                        Map.of("taskmanager.memory.network.min", "foo"));
        assertThatThrownBy(() -> ClusterProcesses.start(options))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(temporary.resolve("jobmanager/flink-web-1")).doesNotExist();
        assertThat(temporary.resolve("taskmanager-17")).doesNotExist();
        assertThat(temporary.resolve("ours")).exists();
    }

    @Test
    void theLogOfTheClusterBeforeIsKept(@TempDir Path folder) throws Exception {
        Path log = Files.writeString(folder.resolve("jobmanager.log"), "why it ended");
        ClusterOptions options =
                new ClusterOptions(1, 1, FreePort.find(), folder, List.of(), "none", Map.of());
        assertThatThrownBy(() -> ClusterProcesses.start(options))
                .isInstanceOf(IllegalStateException.class);
        assertThat(folder.resolve("jobmanager.log.1")).hasContent("why it ended");
        assertThat(log).content().contains("ClusterProcess").doesNotContain("why it ended");
    }
}
