package org.flinksigmoid.operators.inference;

import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.operators.MailboxExecutor;
import org.apache.flink.streaming.runtime.tasks.ProcessingTimeService;

/**
 * The wait of a full operator for room. It yields to the mailbox, where results come in; but a
 * checkpoint begins only between two records, so a long call must not hold the task in the midst of
 * one: after a while the operator goes on with a record more than its limit, up to half of the
 * limit. Where a restore has brought as many, it goes on with one: a job that fails again and again
 * must not have more in flight each time. The task's thread only.
 */
final class BackPressure {
    /** How long the task may stay with one record. */
    private static final long PATIENCE_MILLIS = 100;

    private final MailboxExecutor mailbox;
    private final ProcessingTimeService time;
    private final int restored;
    private boolean alarm;

    /**
     * @param restored records in flight at the beginning
     */
    BackPressure(MailboxExecutor mailbox, ProcessingTimeService time, int restored) {
        this.mailbox = mailbox;
        this.time = time;
        this.restored = restored;
    }

    /** Returns when there is room, or patience is at its end. */
    void await(InFlight<?, ?> inFlight, BatchRunner<?, ?> runner) throws Exception {
        long start = System.nanoTime();
        while (inFlight.size() >= runner.maxInFlight()) {
            int most = most(runner.maxInFlight());
            if (inFlight.size() < most) {
                long waited = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
                if (waited >= PATIENCE_MILLIS) {
                    return;
                }
                setAlarm(PATIENCE_MILLIS - waited);
            }
            mailbox.yield();
        }
    }

    /** Below so many the operator goes on. */
    private int most(int limit) {
        int most = limit + Math.max(1, limit / 2);
        return restored < most ? most : restored + 2;
    }

    /** Makes sure that there is some mail by then. */
    private void setAlarm(long millis) {
        if (!alarm) {
            alarm = true;
            time.registerTimer(time.getCurrentProcessingTime() + millis, at -> alarm = false);
        }
    }
}
