package org.flinksigmoid.kernels.internal.vector;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Has C2 compile kernels before the first real batch: interpreted, the Vector API is some thousand
 * times slower than compiled, and an encoder's first batch would take seconds. Calls each kernel,
 * once a JVM, until it is fast, for at most {@link #MOST_NANOS}, on threads of their own, while the
 * caller reads and packs weights.
 *
 * <p>Short calls, so that the Vector API's own fallback code, which runs until then, is not worth
 * compiling, too; a kernel that waits for its compilation ({@code jvm.options}) is C2's next.
 */
final class WarmUp {
    private static final long MOST_NANOS = 2_000_000_000L;

    /** A call this short is compiled code's: a tenth of it is usual, and a hundred times before. */
    private static final long FAST_NANOS = 5_000;

    /** Fast calls in a row that end a kernel's warm-up. */
    private static final int ENOUGH = 3 * KernelCalls.TURNS;

    /** The longest pause after a slow call. */
    private static final long MOST_PAUSE_NANOS = 5_000_000;

    /** While one waits for the compiler, another brings the next kernel. */
    private static final int THREADS = 2;

    private static final Map<Object, CompletableFuture<Void>> STARTED = new HashMap<>();
    private static final Executor EXECUTOR = executor();

    private WarmUp() {}

    private static Executor executor() {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread thread = new Thread(task, "flink-sigmoid-warm-up");
                            thread.setDaemon(true);
                            return thread;
                        });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    /** Begins to warm up kernels, in this order, unless that has been done without a failure. */
    static synchronized void begin(Map<Object, KernelCalls.Call> calls) {
        calls.forEach(
                (kernel, call) -> {
                    CompletableFuture<Void> started = STARTED.get(kernel);
                    if (started == null || started.isCompletedExceptionally()) {
                        STARTED.put(kernel, CompletableFuture.runAsync(() -> run(call), EXECUTOR));
                    }
                });
    }

    /** Returns when kernels are warm. */
    static void finish(Map<Object, KernelCalls.Call> calls) {
        begin(calls);
        List<CompletableFuture<Void>> started = new ArrayList<>();
        synchronized (WarmUp.class) {
            calls.keySet().forEach(kernel -> started.add(STARTED.get(kernel)));
        }
        started.forEach(CompletableFuture::join);
    }

    private static void run(KernelCalls.Call call) {
        long deadline = System.nanoTime() + MOST_NANOS;
        int fast = 0;
        for (int turn = 0; fast < ENOUGH && System.nanoTime() < deadline; turn++) {
            fast = isFast(call, turn) ? fast + 1 : 0;
        }
    }

    /**
     * Calls a kernel. After a slow call the processor is the compilers' for as long as it took:
     * they share two cores with these threads and the one that loads.
     */
    private static boolean isFast(KernelCalls.Call call, int turn) {
        long begin = System.nanoTime();
        call.run(turn);
        long took = System.nanoTime() - begin;
        if (took < FAST_NANOS) {
            return true;
        }
        LockSupport.parkNanos(Math.min(took, MOST_PAUSE_NANOS));
        return false;
    }
}
