package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.flinksigmoid.pipelines.source.EndOfInput;
import picocli.CommandLine.ExitCode;

/**
 * While a job runs: SIGTERM, SIGINT (Ctrl-C) or SIGHUP ends its input, so that what has been read
 * is answered and files of results are completed. A second signal, or the end of the patience, ends
 * the process. A signal that the process was started to ignore, as by nohup, it ignores.
 *
 * <p>{@code sun.misc.Signal} is called by reflection: javac warns of it, whatever it is told.
 */
final class GracefulEnd implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final List<String> SIGNALS = List.of("TERM", "INT", "HUP");

    /** Exit codes of what a signal ended count from here. */
    private static final int SIGNALLED = 128;

    private final PrintWriter err;

    /** Signals that are taken, and what would be done otherwise. Guarded by this. */
    private final Map<Object, Object> before = new HashMap<>();

    private volatile int exitCode = ExitCode.OK;
    private volatile boolean closed;

    private GracefulEnd(PrintWriter err) {
        this.err = err;
    }

    /** Takes the signals until it is closed. */
    static GracefulEnd onSignals(PrintWriter err) throws ReflectiveOperationException {
        GracefulEnd end = new GracefulEnd(err);
        end.take();
        return end;
    }

    /** What the process is to exit with where the job succeeds: tells of the signal, if any. */
    int exitCode() {
        return exitCode;
    }

    private synchronized void take() throws ReflectiveOperationException {
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        Object ours =
                Proxy.newProxyInstance(
                        handler.getClassLoader(),
                        new Class<?>[] {handler},
                        (_, _, arguments) -> endInput(arguments[0]));
        for (String name : SIGNALS) {
            try {
                Object signal = type().getConstructor(String.class).newInstance(name);
                before.put(signal, handling(signal, ours));
            } catch (InvocationTargetException e) {
                continue; // a system without it, or a JVM that is to leave it alone (-Xrs)
            }
        }
    }

    private synchronized void giveBack() throws ReflectiveOperationException {
        for (Map.Entry<Object, Object> each : before.entrySet()) {
            handling(each.getKey(), each.getValue());
        }
        before.clear();
    }

    /** Runs in a thread that the JVM starts for the signal. */
    private Object endInput(Object signal) throws ReflectiveOperationException {
        giveBack();
        exitCode = SIGNALLED + (int) type().getMethod("getNumber").invoke(signal);
        err.printf(
                "%s: ending with what has been read, within %d s; once more ends at once.%n",
                signal, PATIENCE.toSeconds());
        EndOfInput.declare();
        Thread.ofPlatform().daemon().name("patience").start(this::endLater);
        return null;
    }

    private void endLater() {
        try {
            Thread.sleep(PATIENCE);
        } catch (InterruptedException e) {
            return; // nobody does
        }
        if (!closed) {
            err.println("The job has not ended by now: its last results are lost.");
            System.exit(exitCode);
        }
    }

    private static Object handling(Object signal, Object handler)
            throws ReflectiveOperationException {
        Method handle = type().getMethod("handle", type(), Class.forName("sun.misc.SignalHandler"));
        return handle.invoke(null, signal, handler);
    }

    private static Class<?> type() throws ClassNotFoundException {
        return Class.forName("sun.misc.Signal");
    }

    @Override
    public void close() throws ReflectiveOperationException {
        closed = true;
        giveBack();
    }
}
