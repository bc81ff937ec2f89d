package org.flinksigmoid.operators.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.flinksigmoid.operators.device.SharedEngines.Lease;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SharedEnginesTest {
    private final AtomicInteger loads = new AtomicInteger();
    private final AtomicInteger closes = new AtomicInteger();
    @TempDir private Path folder;

    /** Counts. */
    private final class Engine implements AutoCloseable {
        Engine() {
            loads.incrementAndGet();
        }

        @Override
        public void close() {
            closes.incrementAndGet();
        }
    }

    @BeforeEach
    void writeModel() throws IOException {
        Files.writeString(folder.resolve("model.safetensors"), "weights");
    }

    private Lease<Engine> acquire(EngineKey key) throws Exception {
        return SharedEngines.acquire(key, Engine.class, Engine::new);
    }

    @Test
    void twentyFourUsersShareOneCopyThatGoesWithTheLast() throws Exception {
        EngineKey key = EngineKey.of(folder, "cpu");
        CountDownLatch together = new CountDownLatch(24);
        List<Future<Lease<Engine>>> leases = new ArrayList<>();
        try (var threads = Executors.newFixedThreadPool(24)) {
            for (int i = 0; i < 24; i++) {
                leases.add(
                        threads.submit(
                                () -> {
                                    together.countDown();
                                    together.await();
                                    return acquire(EngineKey.of(folder, "cpu"));
                                }));
            }
        }
        assertThat(loads).hasValue(1);
        assertThat(SharedEngines.users(key)).isEqualTo(24);
        Engine first = leases.getFirst().get().engine();
        for (int i = 0; i < 24; i++) {
            assertThat(closes).hasValue(0);
            assertThat(leases.get(i).get().engine()).isSameAs(first);
            leases.get(i).get().close();
            leases.get(i).get().close(); // again does nothing
        }
        assertThat(closes).hasValue(1);
        assertThat(SharedEngines.users(key)).isZero();
    }

    @Test
    void aFailedLoadIsNotRemembered() throws Exception {
        EngineKey key = EngineKey.of(folder, "cpu");
        assertThatThrownBy(
                        () ->
                                SharedEngines.acquire(
                                        key,
                                        Engine.class,
                                        () -> {
                                            throw new IOException("disk");
                                        }))
                .isInstanceOf(IOException.class);
        assertThat(SharedEngines.users(key)).isZero();
        acquire(key).close();
        assertThat(loads).hasValue(1);
        assertThat(closes).hasValue(1);
    }

    @Test
    void otherDevicesAndNewWeightsAreOtherEngines() throws Exception {
        try (var cpu = acquire(EngineKey.of(folder, "cpu"));
                var gpu = acquire(EngineKey.of(folder, "gpu"))) {
            Files.writeString(folder.resolve("model.safetensors"), "other weights");
            try (var later = acquire(EngineKey.of(folder, "cpu"))) {
                assertThat(later.engine()).isNotSameAs(cpu.engine()).isNotSameAs(gpu.engine());
            }
        }
        assertThat(loads).hasValue(3);
        assertThat(closes).hasValue(3);
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> EngineKey.of(folder.resolve("missing"), "cpu"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("missing");
    }
}
