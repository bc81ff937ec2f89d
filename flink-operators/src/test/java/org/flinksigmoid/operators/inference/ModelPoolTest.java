package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.apache.flink.streaming.util.MockStreamingRuntimeContext;
import org.flinksigmoid.operators.inference.VersionedFunction.Script;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelPoolTest {
    private static final String NAME = "ModelPoolTest";

    private final Script script = VersionedFunction.script(NAME);
    @TempDir private Path folder;

    private String checkpoint(String version) throws IOException {
        return VersionedFunction.write(folder.resolve(version), version).toString();
    }

    @Test
    void aModelInstalledWhileItsPredecessorIsStillLoadedIsUsedAndNoneStaysOpen() throws Exception {
        String first = checkpoint("v1");
        String second = checkpoint("v2");
        ModelPool<TextMessage, Score> pool =
                new ModelPool<>(
                        at -> new VersionedFunction(NAME, at),
                        new MockStreamingRuntimeContext(1, 0),
                        new ModelRoom.Bounds(1, Long.MAX_VALUE));
        ModelPool.Loaded<TextMessage, Score> used =
                pool.acquire(
                        "m",
                        model -> {
                            ModelPool.Loaded<TextMessage, Score> late = pool.load(first, true);
                            pool.install(model, pool.load(second, false));
                            return late;
                        });
        assertThat(used.checkpoint()).isEqualTo(second);
        assertThat(script.open()).isEqualTo(1);
        pool.release(used);
        pool.close();
        assertThat(script.open()).isZero();
    }

    @Test
    void namesWithoutAModelInMemoryAreForgotten() throws Exception {
        String sound = checkpoint("v1");
        ModelPool<TextMessage, Score> pool =
                new ModelPool<>(
                        at -> new VersionedFunction(NAME, at),
                        new MockStreamingRuntimeContext(1, 0),
                        new ModelRoom.Bounds(2, Long.MAX_VALUE));
        for (int i = 0; i < 10; i++) {
            String name = "m" + i;
            assertThatThrownBy(() -> pool.acquire(name, model -> pool.load("nowhere", true)));
            pool.release(pool.acquire(name, model -> pool.load(sound, true)));
        }
        assertThatThrownBy(() -> pool.acquire("none", model -> pool.load("nowhere", true)));
        assertThat(pool.remembered()).isEqualTo(pool.names().size());
        pool.close();
        assertThat(script.open()).isZero();
    }
}
