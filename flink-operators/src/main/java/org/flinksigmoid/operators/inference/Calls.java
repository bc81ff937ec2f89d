package org.flinksigmoid.operators.inference;

import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;

/**
 * The calls that are out: how many, on which threads, and for how long. Methods are called by the
 * task's thread.
 */
final class Calls<I, O> {
    /** Threads stuck in abandoned calls before the operator gives up. */
    private static final int MOST_LEFT_BEHIND = 8;

    private final String operator;
    private final InferenceSettings settings;
    private final ProcessingTimeService time;
    private final TimedOut<I, O> timedOut;
    private final DeviceThreads<I, O> device;
    private int out;

    /** Is told of a call that takes too long; whatever it gives later is ignored. */
    interface TimedOut<I, O> {
        void accept(Batch<I, O> batch, TimeoutException why);
    }

    /**
     * @param operator its name
     * @param done is told of every call that has ended, on the device thread; hands it over to the
     *     task's thread, which calls {@link #isOver}
     * @param classLoader context class loader of the device threads
     */
    Calls(
            String operator,
            InferenceSettings settings,
            ProcessingTimeService time,
            Consumer<Call<I, O>> done,
            TimedOut<I, O> timedOut,
            ClassLoader classLoader) {
        this.operator = operator;
        this.settings = settings;
        this.time = time;
        this.timedOut = timedOut;
        this.device =
                new DeviceThreads<>(
                        operator + " device", settings.concurrency(), done, classLoader);
    }

    /** Calls that run or wait to run. */
    int out() {
        return out;
    }

    /** One call waits behind those that run, so that a device never waits for the task's thread. */
    boolean hasRoom() {
        return out <= settings.concurrency();
    }

    void submit(Batch<I, O> batch, InferenceFunction<I, O> function) {
        Call<I, O> call = new Call<>(batch, function);
        out++;
        device.submit(call);
        if (!settings.inferenceTimeout().isZero()) {
            watch(call, settings.inferenceTimeout().toMillis());
        }
    }

    /** Notes that a call has ended; false if it was given up before. */
    boolean isOver(Call<I, O> call) {
        if (call.abandoned) {
            return false;
        }
        call.over = true;
        out--;
        if (call.watch != null) {
            call.watch.cancel(false); // or the timer would hold the batch until it fires
        }
        return true;
    }

    /** Checks after a while whether the call runs for too long. */
    private void watch(Call<I, O> call, long millis) {
        call.watch =
                time.registerTimer(
                        time.getCurrentProcessingTime() + Math.max(1, millis),
                        at -> {
                            if (call.over || call.abandoned) {
                                return;
                            }
                            long limit = settings.inferenceTimeout().toNanos();
                            long started = call.startedNanos;
                            long left = started == 0 ? limit : started + limit - System.nanoTime();
                            if (left > 0) {
                                watch(call, left / 1_000_000 + 1);
                            } else if (device.abandon(call)) {
                                giveUp(call);
                            }
                        });
    }

    private void giveUp(Call<I, O> call) throws Exception {
        TimeoutException timeout =
                new TimeoutException(
                        "%s: a batch of %d did not finish within %s"
                                .formatted(
                                        operator, call.batch.size(), settings.inferenceTimeout()));
        if (device.leftBehind() > MOST_LEFT_BEHIND) {
            throw new InferenceFailedException(
                    operator
                            + ": more than "
                            + MOST_LEFT_BEHIND
                            + " calls are stuck and ignore interrupts",
                    timeout);
        }
        out--;
        timedOut.accept(call.batch, timeout);
    }

    /** Stops the threads; see {@link DeviceThreads#close}. */
    List<Thread> close(long patienceMillis) {
        return device.close(patienceMillis);
    }
}
