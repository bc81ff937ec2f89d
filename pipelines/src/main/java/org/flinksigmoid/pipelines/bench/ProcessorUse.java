package org.flinksigmoid.pipelines.bench;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadInfo;
import java.lang.management.ThreadMXBean;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the threads of this process did between two moments, threads of one purpose taken together:
 * Flink's tasks by the operator at their head, the device threads of an operator apart from it.
 */
final class ProcessorUse {
    /** Threads of a purpose that did less, in processors, are not told apart. */
    private static final double LITTLE = 0.02;

    /** Ends the name of those that call a model. */
    private static final String CALLS = "'s calls";

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();
    private static final OperatingSystemMXBean PROCESS =
            ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    private final Map<Long, Long> before = new HashMap<>();
    private final long processBefore = PROCESS.getProcessCpuTime();
    private final long began = System.nanoTime();

    private ProcessorUse() {
        for (long id : THREADS.getAllThreadIds()) {
            before.put(id, THREADS.getThreadCpuTime(id));
        }
    }

    /**
     * Threads of one purpose.
     *
     * @param threads how many
     * @param processors that they kept busy, together
     */
    record Group(int threads, double processors) {
        private Group plus(double more) {
            return new Group(threads + 1, processors + more);
        }
    }

    /**
     * Use of the processors.
     *
     * @param all processors that the process kept busy
     * @param groups by purpose; the rest of {@code all} is the garbage collector's, the compiler's
     *     and that of little groups
     */
    record Use(double all, Map<String, Group> groups) {}

    /** From now on. */
    static ProcessorUse start() {
        return new ProcessorUse();
    }

    /** What was done since. */
    Use take() {
        double nanos = System.nanoTime() - began;
        Map<String, Group> groups = new TreeMap<>();
        for (ThreadInfo thread : THREADS.getThreadInfo(THREADS.getAllThreadIds())) {
            if (thread != null) { // or it has ended meanwhile
                long id = thread.getThreadId();
                long time = THREADS.getThreadCpuTime(id) - before.getOrDefault(id, 0L);
                groups.merge(
                        purpose(thread.getThreadName()),
                        new Group(1, time / nanos),
                        (group, one) -> group.plus(one.processors()));
            }
        }
        groups.values().removeIf(group -> group.processors() < LITTLE);
        return new Use(
                (PROCESS.getProcessCpuTime() - processBefore) / nanos, new LinkedHashMap<>(groups));
    }

    /**
     * As {@code encoder} for the task "encoder -> Sink (3/16)#0", {@code encoder's calls} for the
     * threads that call its model.
     */
    static String purpose(String thread) {
        String name = thread.startsWith("Source: ") ? thread.substring(8) : thread;
        int end = name.length();
        for (String more : new String[] {" -> ", " (", "(", "-", ":"}) {
            int at = name.indexOf(more);
            end = at > 0 ? Math.min(end, at) : end;
        }
        String head = name.substring(0, end).replaceAll("[#\\d\\s]+$", "");
        return thread.contains(" device #") ? head + CALLS : head;
    }
}
