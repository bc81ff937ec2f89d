package org.flinksigmoid.pipelines.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ClusterConfigurationTest {
    @Test
    void aSettingIsOneLineOfYamlWhateverIsInIt() {
        assertThat(ClusterConfiguration.line(Map.entry("env.java.opts.all", "-Da=\"b c\"")))
                .isEqualTo("env.java.opts.all: \"-Da=\\\"b c\\\"\"");
        assertThat(ClusterConfiguration.line(Map.entry("a", "C:\\b\nrest.port: 1")))
                .isEqualTo("a: \"C:\\\\b\\nrest.port: 1\"");
    }
}
