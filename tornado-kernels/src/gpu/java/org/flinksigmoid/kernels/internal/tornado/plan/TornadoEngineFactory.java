package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.internal.tornado.TornadoEngine;
import org.flinksigmoid.kernels.internal.tornado.tiles.TilePlugins;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/** TornadoVM's devices as a {@link TornadoEngine}. */
public final class TornadoEngineFactory implements TornadoEngine {
    private static final Logger LOG = LoggerFactory.getLogger(TornadoEngineFactory.class);

    /** One a card, for all backends of this process: a card has one submission queue. */
    private static final Map<Integer, Device> DEVICES = new ConcurrentHashMap<>();

    /** Starts TornadoVM. */
    public TornadoEngineFactory() {
        TornadoRuntimeProvider.getTornadoRuntime();
    }

    @Override
    public String[] devices() {
        if (TornadoRuntimeProvider.getTornadoRuntime().getNumBackends() == 0) {
            return new String[0];
        }
        return TornadoRuntimeProvider.getTornadoRuntime().getBackend(0).getAllDevices().stream()
                .map(Device::name)
                .toArray(String[]::new);
    }

    @Override
    public Backend open(BackendOptions options) {
        int found = devices().length;
        if (options.device() >= found) {
            throw new IllegalStateException(
                    "device: expected one of %d, counted from 0, found %d"
                            .formatted(found, options.device()));
        }
        Optional<String> noTiles = noTiles();
        noTiles.ifPresent(
                why ->
                        LOG.warn(
                                "Portable float kernels only, which are many times slower: {}",
                                why));
        return new TornadoBackend(device(options.device()), Arithmetic.asked(), noTiles);
    }

    /** A card, by its number. */
    static Device device(int index) {
        return DEVICES.computeIfAbsent(index, TornadoEngineFactory::newDevice);
    }

    private static Device newDevice(int index) {
        if (PtxTarget.isThere()) {
            return PtxTarget.at(index);
        }
        return index == 0 ? CudaTarget.first() : CudaTarget.at(index);
    }

    /** Why there are no tile kernels, if so. */
    private static Optional<String> noTiles() {
        return PtxTarget.isThere() ? Optional.of(PtxTarget.NO_TILES) : TilePlugins.register();
    }
}
