package org.flinksigmoid.operators.inference;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes what calls use: now, or, where one of them outlives the task, once it has ended. Else the
 * model would stay in memory, and what looks for new ones would go on, until the process ends. A
 * failure is logged only: thrown while Flink cancels a task, it would end the TaskManager.
 */
final class LateClose {
    private static final Logger LOG = LoggerFactory.getLogger(LateClose.class);

    private LateClose() {}

    /**
     * Closes it, perhaps later.
     *
     * @param name of its user, for log and thread
     * @param calling threads that are still in a call
     */
    static void close(String name, List<Thread> calling, AutoCloseable what) {
        if (calling.isEmpty()) {
            closeNow(name, what);
            return;
        }
        LOG.warn("{}: a call still runs, its model stays open until that has ended", name);
        Thread closer = new Thread(() -> closeAfter(name, calling, what), name + " late close");
        closer.setDaemon(true);
        closer.start();
    }

    private static void closeAfter(String name, List<Thread> calling, AutoCloseable what) {
        try {
            for (Thread thread : calling) {
                thread.join();
            }
        } catch (InterruptedException e) {
            LOG.warn("{}: interrupted, a model stays open", name, e);
            return;
        }
        closeNow(name, what);
        LOG.info("{}: the last call has ended, its model is closed", name);
    }

    private static void closeNow(String name, AutoCloseable what) {
        try {
            what.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("{}: interrupted while closing a model", name, e);
        } catch (Exception | LinkageError e) { // its user is gone, and perhaps its class loader
            LOG.warn("{}: could not close a model", name, e);
        }
    }
}
