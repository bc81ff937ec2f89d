package org.flinksigmoid.operators.inference;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;

/**
 * The threads that call the function, beside the task's thread. A thread whose call takes too long
 * is interrupted, left behind and replaced, so that one stuck call does not stop the operator.
 * Methods are called by the task's thread.
 */
final class DeviceThreads<I, O> {
    private final String name;
    private final Consumer<Call<I, O>> done;
    private final ClassLoader classLoader;
    private final BlockingQueue<Call<I, O>> queue = new LinkedBlockingQueue<>();
    private final List<Worker> workers = new ArrayList<>();
    private final List<Worker> leftBehind = new ArrayList<>();
    private final Consumer<Thread> starter;
    private int started;

    /**
     * @param name of the threads
     * @param threads calls at a time
     * @param done is told of every call, on the device thread
     * @param classLoader context class loader of the threads
     */
    DeviceThreads(String name, int threads, Consumer<Call<I, O>> done, ClassLoader classLoader) {
        this(name, threads, done, classLoader, Thread::start);
    }

    /** Told how a thread is started. */
    DeviceThreads(
            String name,
            int threads,
            Consumer<Call<I, O>> done,
            ClassLoader classLoader,
            Consumer<Thread> starter) {
        this.name = name;
        this.done = done;
        this.classLoader = classLoader;
        this.starter = starter;
        try {
            for (int i = 0; i < threads; i++) {
                startWorker();
            }
        } catch (OutOfMemoryError e) { // the system allows no more threads, and nobody has these
            workers.forEach(Worker::stop);
            throw e;
        }
    }

    void submit(Call<I, O> call) {
        queue.add(call);
    }

    /**
     * Gives up a running call: its thread is interrupted and replaced.
     *
     * @return false if the call is not running any more, and its outcome is on the way
     */
    boolean abandon(Call<I, O> call) {
        for (Worker worker : workers) {
            if (worker.stopIfRunning(call)) {
                call.abandoned = true;
                workers.remove(worker);
                leftBehind();
                leftBehind.add(worker);
                startWorker();
                return true;
            }
        }
        return false;
    }

    /** Threads of abandoned calls that still run. */
    int leftBehind() {
        leftBehind.removeIf(old -> !old.thread.isAlive());
        return leftBehind.size();
    }

    /**
     * Stops all threads and waits for them.
     *
     * @return those that are still in a call, and use the function
     */
    List<Thread> close(long patienceMillis) {
        List<Worker> all = new ArrayList<>(workers);
        all.addAll(leftBehind);
        all.forEach(Worker::stop);
        long deadline = System.nanoTime() + patienceMillis * 1_000_000;
        boolean interrupted = false;
        for (Worker worker : all) {
            while (worker.thread.isAlive() && System.nanoTime() < deadline) {
                try {
                    worker.thread.join(100);
                } catch (InterruptedException e) {
                    interrupted =
                            true; // Flink hurries us: go on waiting, the call is in native code
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return all.stream().map(worker -> worker.thread).filter(Thread::isAlive).toList();
    }

    private void startWorker() {
        Worker worker = new Worker();
        worker.thread = new Thread(worker, name + " #" + started++);
        worker.thread.setDaemon(true);
        worker.thread.setContextClassLoader(classLoader);
        workers.add(worker);
        starter.accept(worker.thread);
    }

    private final class Worker implements Runnable {
        private Thread thread;
        private boolean stopped;
        private Call<I, O> current;

        synchronized void stop() {
            stopped = true;
            thread.interrupt();
        }

        synchronized boolean stopIfRunning(Call<I, O> call) {
            if (current != call) {
                return false;
            }
            stop();
            return true;
        }

        private synchronized boolean begin(Call<I, O> call) {
            current = call;
            return !stopped;
        }

        private synchronized boolean end() {
            current = null;
            return !stopped;
        }

        @Override
        public void run() {
            boolean goOn = true;
            while (goOn) {
                try {
                    Call<I, O> call = queue.take();
                    goOn = begin(call);
                    if (goOn) {
                        call.run();
                        goOn = end();
                        done.accept(call);
                    }
                } catch (InterruptedException e) {
                    goOn = end();
                }
            }
        }
    }
}
