package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CublasLt;
import uk.ac.manchester.tornado.drivers.cuda.runtime.CUDATornadoDevice;

/** A card with what compiles for it; one a process, which lives as long as the process. */
final class Device {
    /** A plan's number that TornadoVM gives to none; its context serves everything here. */
    private static final long PLAN = Long.MAX_VALUE;

    private final Card card;
    private final KernelCompiler compiler;
    private final ExecutorService background;
    private CublasLt products;

    Device(CUDATornadoDevice device) {
        card = new Card(device.getPhysicalDevice().getDeviceName(), device.getNativeContext(PLAN));
        compiler = new KernelCompiler(device, PLAN);
        background = Executors.newSingleThreadExecutor(Device::backgroundThread);
    }

    private static Thread backgroundThread(Runnable work) {
        Thread thread = new Thread(work, "flink-sigmoid-gpu-warm-up");
        thread.setDaemon(true);
        return thread;
    }

    Card card() {
        return card;
    }

    KernelCompiler compiler() {
        return compiler;
    }

    /** One thread, for what need not be done at once. */
    Executor background() {
        return background;
    }

    /** Matrix products; on the card's queue. */
    CublasLt products() {
        if (products == null) {
            products = new CublasLt(card);
        }
        return products;
    }
}
