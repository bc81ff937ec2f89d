package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.flinksigmoid.kernels.backend.Backend;
import org.flinksigmoid.kernels.backend.BackendOptions;
import org.flinksigmoid.kernels.internal.tornado.TornadoEngine;
import org.flinksigmoid.kernels.internal.tornado.tiles.TilePlugins;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;
import uk.ac.manchester.tornado.drivers.cuda.runtime.CUDATornadoDevice;

/** TornadoVM's devices as a {@link TornadoEngine}. */
public final class TornadoEngineFactory implements TornadoEngine {
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
                .map(TornadoEngineFactory::name)
                .toArray(String[]::new);
    }

    private static String name(TornadoDevice device) {
        return device.getPhysicalDevice().getDeviceName();
    }

    @Override
    public Backend open(BackendOptions options) {
        int found = devices().length;
        if (options.device() >= found) {
            throw new IllegalStateException(
                    "device: expected one of %d, counted from 0, found %d"
                            .formatted(found, options.device()));
        }
        return new TornadoBackend(
                device(options.device()), Arithmetic.asked(), TilePlugins.register());
    }

    /** A card, by its number. */
    static Device device(int index) {
        return DEVICES.computeIfAbsent(index, TornadoEngineFactory::newDevice);
    }

    private static Device newDevice(int index) {
        return index == 0 ? Device.first(tornados(0)) : inOwnContext(index);
    }

    /** A card as those after the first are used; not kept. */
    static Device inOwnContext(int index) {
        return Device.at(index, tornados(index));
    }

    private static CUDATornadoDevice tornados(int index) {
        TilePlugins.register(); // what is compiled before that would lack them for good
        return (CUDATornadoDevice)
                TornadoRuntimeProvider.getTornadoRuntime().getBackend(0).getDevice(index);
    }
}
