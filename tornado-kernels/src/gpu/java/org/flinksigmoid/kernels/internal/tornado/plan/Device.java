package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.flinksigmoid.kernels.backend.DeviceFailureException;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CublasLt;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import uk.ac.manchester.tornado.drivers.cuda.runtime.CUDATornadoDevice;

/** A card with what compiles for it; one a process, which lives as long as the process. */
final class Device {
    /** A plan's number that TornadoVM gives to none; its context serves everything here. */
    private static final long PLAN = Long.MAX_VALUE;

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

    private Device(Card card, KernelCompiler compiler) {
        this.card = card;
        this.compiler = compiler;
        this.background = Executors.newSingleThreadExecutor(Device::backgroundThread);
    }

    /** The first card, in TornadoVM's context. */
    static Device first(CUDATornadoDevice device) {
        Card card = new Card(name(device), device.getNativeContext(PLAN));
        return new Device(card, KernelCompiler.installing(device, PLAN, card));
    }

    /**
     * Any card, in a context of its own: TornadoVM 5.2.0 has one, on the first card, and would load
     * kernels there whatever device it is asked for.
     */
    static Device at(int index, CUDATornadoDevice device) {
        Card card = Card.at(index, name(device));
        return new Device(card, KernelCompiler.loading(device, card));
    }

    private static String name(CUDATornadoDevice device) {
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
