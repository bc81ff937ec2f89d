package org.flinksigmoid.kernels.internal.tornado.plan;

import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CublasLt;
import uk.ac.manchester.tornado.drivers.cuda.runtime.CUDATornadoDevice;

/** A card with what compiles for it; one a process, which lives as long as the process. */
final class Device {
    /** A plan's number that TornadoVM gives to none; its context serves everything here. */
    private static final long PLAN = Long.MAX_VALUE;

    private final Card card;
    private final KernelCompiler compiler;
    private CublasLt products;

    Device(CUDATornadoDevice device) {
        card = new Card(device.getPhysicalDevice().getDeviceName(), device.getNativeContext(PLAN));
        compiler = new KernelCompiler(device, PLAN);
    }

    Card card() {
        return card;
    }

    KernelCompiler compiler() {
        return compiler;
    }

    /** Matrix products; on the card's queue. */
    CublasLt products() {
        if (products == null) {
            products = new CublasLt(card);
        }
        return products;
    }
}
