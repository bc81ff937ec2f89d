package org.flinksigmoid.pipelines.source;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The end, before its time, of all that jobs in this JVM read: streams end as if nothing more came.
 * For good, so what is opened later has ended, too.
 */
public final class EndOfInput {
    private static final Set<Runnable> WAITING = ConcurrentHashMap.newKeySet();
    private static volatile boolean declared;

    private EndOfInput() {}

    /** Ends it. */
    public static void declare() {
        declared = true;
        WAITING.forEach(Runnable::run);
    }

    static boolean isDeclared() {
        return declared;
    }

    /** Runs an action in the thread that declares the end, unless it has come. */
    static void await(Runnable action) {
        WAITING.add(action);
    }

    /** The same action waits no more. */
    static void forget(Runnable action) {
        WAITING.remove(action);
    }
}
