package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CublasLt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import uk.ac.manchester.tornado.api.common.TornadoDevice;

/** A card with what compiles for it; one a process, which lives as long as the process. */
final class Device {
    private static final Logger LOG = LoggerFactory.getLogger(Device.class);

    /** The compute capability that has wgmma. */
    private static final int HOPPER = 90;

    private final Card card;
    private final KernelCompiler compiler;
    private final ExecutorService background;
    private final Crew crew = new Crew(Crew.sizeFor(Runtime.getRuntime().availableProcessors()));
    private CublasLt products;
    private Boolean warpgroups;
    private int multiprocessors;

    Device(Card card, CodeTarget target) {
        this.card = card;
        this.compiler = new KernelCompiler(target);
        this.background = Executors.newSingleThreadExecutor(Device::backgroundThread);
    }

    /** What the driver calls a device of TornadoVM's. */
    static String name(TornadoDevice device) {
        return device.getPhysicalDevice().getDeviceName();
    }

    private static Thread backgroundThread(Runnable work) {
        Thread thread = new Thread(work, "flink-sigmoid-gpu-warm-up");
        thread.setDaemon(true);
        // It outlives the job that is the first to need it, and must not hold its classes.
        thread.setContextClassLoader(Device.class.getClassLoader());
        return thread;
    }

    Card card() {
        return card;
    }

    KernelCompiler compiler() {
        return compiler;
    }

    /** Whether kernels for Hopper's matrix unit run here; says in the log why not. */
    synchronized boolean warpgroups() {
        if (warpgroups == null) {
            card.attach();
            int capability = card.capability();
            warpgroups = capability == HOPPER;
            if (!warpgroups) {
                LOG.info(
                        "{}: compute capability {}, not {}: attention by warps, not warpgroups",
                        card.name(),
                        capability,
                        HOPPER);
            }
        }
        return warpgroups;
    }

    /** From now on without warpgroups. */
    synchronized void refuseWarpgroups(DeviceFailureException reason) {
        LOG.warn("{}: attention by warps, not warpgroups", card.name(), reason);
        warpgroups = false;
    }

    /** Multiprocessors of the card. */
    synchronized int multiprocessors() {
        if (multiprocessors == 0) {
            card.attach();
            multiprocessors = card.multiprocessors();
        }
        return multiprocessors;
    }

    /** One thread, for what need not be done at once. */
    Executor background() {
        return background;
    }

    /** Returns when everything compiled ahead so far is there. */
    void awaitBackground() {
        CompletableFuture.runAsync(() -> {}, background).join();
    }

    /** Threads that help to copy what goes to the card, for all its programs. */
    Crew crew() {
        return crew;
    }

    /** Matrix products; on the card's queue. */
    CublasLt products() {
        if (products == null) {
            products = new CublasLt(card);
        }
        return products;
    }
}
