package org.flinksigmoid.kernels.internal.tornado.tiles;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("codegen")
class TilePluginsTest {
    @ParameterizedTest
    @ValueSource(strings = {"5.2.0", "5.2.0-jdk25", "5.2.0-jdk21"})
    void buildsOfTheVersionThatWasTriedHaveTileKernels(String version) {
        assertThat(TilePlugins.untried(version)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"5.2.01", "5.2.1-jdk25", "5.3.0", "unknown", ""})
    void othersHaveNone(String version) {
        assertThat(TilePlugins.untried(version))
                .hasValue("tile kernels were tried with TornadoVM 5.2.0, found " + version);
    }

    @Test
    void theOneThatIsHereHasThem() {
        assertThat(TilePlugins.register()).isEmpty();
    }
}
