package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterProcessesTest {
    @Test
    void aSettingIsOneLineOfYamlWhateverIsInIt() {
        assertThat(ClusterProcesses.line(Map.entry("env.java.opts.all", "-Da=\"b c\"")))
                .isEqualTo("env.java.opts.all: \"-Da=\\\"b c\\\"\"");
        assertThat(ClusterProcesses.line(Map.entry("a", "C:\\b\nrest.port: 1")))
                .isEqualTo("a: \"C:\\\\b\\nrest.port: 1\"");
    }
}
