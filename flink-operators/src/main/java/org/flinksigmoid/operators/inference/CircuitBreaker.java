package org.flinksigmoid.operators.inference;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.configuration.ReadableConfig;
import org.flinksigmoid.operators.metrics.BreakerStatus;
import org.flinksigmoid.operators.metrics.BreakerStatus.State;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A device that may fail, and what answers while it does: the same model on the GPU and on the CPU,
 * for example.
 *
 * <pre>{@code
 * CircuitBreaker.between(
 *         TextInference.messages(folder, options.withBackend("tornado")),
 *         TextInference.messages(folder, options.withBackend("vector")))
 * }</pre>
 *
 * <p>Closed: calls go to the device. One that fails there is answered by the fallback at once; if
 * the fallback fails too, the batch is to blame and nothing is counted. After some failures in a
 * row, or one call that takes too long, the breaker opens: calls go to the fallback. After the
 * cool-down the device's function is closed and opened again, in the background; if that goes well
 * the breaker is half-open and the next call is a trial that closes or opens it. A device that
 * can't be opened when the job starts leaves the breaker open; a fallback that can't fails the job.
 * A device that is lost to this process (a GPU after a fault that its context does not survive)
 * opens the breaker with its first failure, and for good.
 *
 * @param <I> input record
 * @param <O> result
 */
public final class CircuitBreaker<I, O> implements InferenceFunction<I, O> {
    private static final long serialVersionUID = 1L;
    private static final Logger LOG = LoggerFactory.getLogger(CircuitBreaker.class);

    private final InferenceFunction<I, O> device;
    private final InferenceFunction<I, O> fallback;
    private int threshold = CircuitBreakerOptions.FAILURE_THRESHOLD.defaultValue();
    private Duration coolDown = CircuitBreakerOptions.COOL_DOWN.defaultValue();

    private transient RuntimeContext context;
    private transient Set<Thread> onDevice;
    private transient AtomicLong fallbackCalls;

    /** All below are guarded by this object. */
    private transient State state;

    private transient int failuresInARow;
    private transient long openings;
    private transient boolean deviceOpen;
    private transient boolean trialOut;
    private transient ScheduledExecutorService reopening;

    private CircuitBreaker(InferenceFunction<I, O> device, InferenceFunction<I, O> fallback) {
        this.device = Objects.requireNonNull(device, "device");
        this.fallback = Objects.requireNonNull(fallback, "fallback");
    }

    /**
     * A breaker with the defaults of {@link CircuitBreakerOptions}.
     *
     * @param device what answers as long as it can; may be opened again after it was closed
     * @param fallback what answers else
     */
    public static <I, O> CircuitBreaker<I, O> between(
            InferenceFunction<I, O> device, InferenceFunction<I, O> fallback) {
        return new CircuitBreaker<>(device, fallback);
    }

    /** Takes the options that the configuration sets. */
    public CircuitBreaker<I, O> options(ReadableConfig config) {
        config.getOptional(CircuitBreakerOptions.FAILURE_THRESHOLD).ifPresent(this::threshold);
        config.getOptional(CircuitBreakerOptions.COOL_DOWN).ifPresent(this::coolDown);
        return this;
    }

    /** See {@link CircuitBreakerOptions#FAILURE_THRESHOLD}. */
    public CircuitBreaker<I, O> threshold(int failures) {
        if (failures < 1) {
            throw new IllegalArgumentException(
                    CircuitBreakerOptions.FAILURE_THRESHOLD.key()
                            + ": expected 1 or more, found "
                            + failures);
        }
        threshold = failures;
        return this;
    }

    /** See {@link CircuitBreakerOptions#COOL_DOWN}. */
    public CircuitBreaker<I, O> coolDown(Duration pause) {
        if (pause.isNegative() || pause.isZero()) {
            throw new IllegalArgumentException(
                    CircuitBreakerOptions.COOL_DOWN.key()
                            + ": expected more than 0, found "
                            + pause);
        }
        coolDown = InferenceSettings.bounded(pause);
        return this;
    }

    @Override
    public void open(RuntimeContext runtimeContext) throws Exception {
        context = runtimeContext;
        onDevice = ConcurrentHashMap.newKeySet();
        fallbackCalls = new AtomicLong();
        state = State.CLOSED;
        fallback.open(context);
        try {
            device.open(context);
            deviceOpen = true;
        } catch (Exception | LinkageError e) {
            closeDevice();
            trip("the device can't be opened", e);
        }
    }

    @Override
    public List<O> infer(List<I> batch) throws Exception {
        noticeStuckCalls();
        return admitted() ? inferOnDevice(batch) : inferOnFallback(batch);
    }

    private List<O> inferOnDevice(List<I> batch) throws Exception {
        Thread thread = Thread.currentThread();
        try {
            List<O> results = device.infer(batch);
            succeeded();
            return results;
        } catch (InvalidRecordException e) {
            succeeded(); // a working device found a bad record
            throw e;
        } catch (Exception e) {
            if (e instanceof InterruptedException || thread.isInterrupted()) {
                trip("a call took too long", e);
                throw e;
            }
            onDevice.remove(thread);
            List<O> results = secondOpinion(batch, e);
            failed(e);
            return results;
        } finally {
            onDevice.remove(thread);
        }
    }

    /** What the fallback says of a batch that failed on the device. */
    private List<O> secondOpinion(List<I> batch, Exception first) throws Exception {
        try {
            return inferOnFallback(batch);
        } catch (Exception e) {
            undecided();
            if (e != first) {
                e.addSuppressed(first);
            }
            throw e;
        }
    }

    private List<O> inferOnFallback(List<I> batch) throws Exception {
        fallbackCalls.incrementAndGet();
        return fallback.infer(batch);
    }

    /** Whether this thread's call goes to the device; it is on the device then. */
    private synchronized boolean admitted() {
        boolean trial = state == State.HALF_OPEN && !trialOut;
        trialOut |= trial;
        if (trial || state == State.CLOSED) {
            onDevice.add(Thread.currentThread());
            return true;
        }
        return false;
    }

    /** A call that was given up, but ignores that its thread was interrupted: the device hangs. */
    private void noticeStuckCalls() {
        for (Thread thread : onDevice) {
            if (thread.isInterrupted() && thread != Thread.currentThread()) {
                trip("a call hangs", null);
                return;
            }
        }
    }

    private synchronized void succeeded() {
        failuresInARow = 0;
        if (state == State.HALF_OPEN) {
            state = State.CLOSED;
            trialOut = false;
            LOG.info("The circuit breaker closes: the device answers again");
        }
    }

    private synchronized void failed(Exception e) {
        failuresInARow++;
        if (state == State.HALF_OPEN || failuresInARow >= threshold || DeviceLoss.in(e)) {
            trip(failuresInARow + " call(s) failed on the device only", e);
        }
    }

    private synchronized void undecided() {
        trialOut = false;
    }

    private synchronized void trip(String why, Throwable e) {
        if (state == State.OPEN) {
            return;
        }
        state = State.OPEN;
        trialOut = false;
        failuresInARow = 0;
        openings++;
        if (DeviceLoss.in(e)) {
            LOG.error(
                    "The circuit breaker opens: the device is lost; the fallback answers until this"
                            + " process is started anew",
                    e);
            return;
        }
        LOG.warn("The circuit breaker opens: {}; the fallback answers for {}", why, coolDown, e);
        if (reopening == null) {
            reopening =
                    Executors.newSingleThreadScheduledExecutor(
                            run -> {
                                Thread made = new Thread(run, "circuit breaker");
                                made.setDaemon(true);
                                return made;
                            });
        }
        scheduleReopening();
    }

    private synchronized void scheduleReopening() {
        if (!reopening.isShutdown()) {
            reopening.schedule(this::reopen, coolDown.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    /** Opens the device anew, by the thread for it. */
    private void reopen() {
        try {
            if (!onDevice.isEmpty()) {
                LOG.warn("The device still hangs in a call");
                scheduleReopening();
                return;
            }
            closeDevice();
            device.open(context);
            synchronized (this) {
                if (!reopening.isShutdown()) {
                    deviceOpen = true;
                    state = State.HALF_OPEN;
                    return;
                }
            }
            closeDevice(); // the job has ended meanwhile
        } catch (Exception | LinkageError | OutOfMemoryError e) {
            if (DeviceLoss.in(e)) {
                LOG.error(
                        "The device is lost; the fallback answers until this process is started"
                                + " anew",
                        e);
                return;
            }
            LOG.warn("The device can't be opened, the fallback answers for {}", coolDown, e);
            scheduleReopening();
        }
    }

    private void closeDevice() {
        try {
            device.close();
        } catch (Exception e) { // a broken device may fail here too
            LOG.warn("Could not close the device", e);
        }
        synchronized (this) {
            deviceOpen = false;
        }
    }

    @Override
    public long tokens(I record) {
        return fallback.tokens(record);
    }

    @Override
    public String route(I record) {
        return fallback.route(record);
    }

    @Override
    public synchronized ModelStatus status() {
        ModelStatus running = state == State.OPEN ? fallback.status() : device.status();
        return running.withBreaker(new BreakerStatus(state, openings, fallbackCalls.get()));
    }

    @Override
    public void close() throws Exception {
        stopReopening();
        boolean open;
        synchronized (this) {
            open = deviceOpen;
        }
        try {
            fallback.close();
        } finally {
            if (open) {
                closeDevice();
            }
        }
    }

    /** A device that is being opened is waited for a while, then closed when that ends. */
    private void stopReopening() {
        ScheduledExecutorService thread;
        synchronized (this) {
            thread = reopening;
        }
        if (thread == null) {
            return;
        }
        thread.shutdownNow();
        try {
            thread.awaitTermination(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the models are closed all the same
        }
    }
}
