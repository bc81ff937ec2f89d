package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.pipelines.FreePort;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterProcessesTest {
    @Test
    void aSettingIsOneLineOfYamlWhateverIsInIt() {
        assertThat(ClusterProcesses.line(Map.entry("env.java.opts.all", "-Da=\"b c\"")))
                .isEqualTo("env.java.opts.all: \"-Da=\\\"b c\\\"\"");
        assertThat(ClusterProcesses.line(Map.entry("a", "C:\\b\nrest.port: 1")))
                .isEqualTo("a: \"C:\\\\b\\nrest.port: 1\"");
    }

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

    @Test
    void aSettingThatMeansNothingIsRefusedWithItsKey(@TempDir Path folder) throws Exception {
        Map<String, String> settings = Map.of("taskmanager.memory.network.min", "foo");
        ClusterOptions options =
                new ClusterOptions(1, 1, FreePort.find(), folder, List.of(), "none", settings);
        assertThatThrownBy(() -> ClusterProcesses.start(options))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("-D: ", "taskmanager.memory.network.min");
    }
}
