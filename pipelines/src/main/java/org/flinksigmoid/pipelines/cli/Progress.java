package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;

/** One line that shows how far a long command has come; it removes itself. Thread-safe. */
final class Progress implements AutoCloseable {
    private static final int WIDTH = 30;
    private static final long REDRAW_NANOS = 200_000_000;

    private final PrintWriter out;
    private final String what;
    private final long total;
    private final long started = System.nanoTime();
    private long done;
    private long drawn;

    /**
     * @param total units of work
     */
    Progress(PrintWriter out, String what, long total) {
        this.out = out;
        this.what = what;
        this.total = total;
    }

    /** One more unit is done. */
    synchronized void step() {
        done++;
        long now = System.nanoTime();
        if (now - drawn > REDRAW_NANOS) {
            drawn = now;
            int filled = (int) (WIDTH * Math.min(done, total) / Math.max(1, total));
            out.printf(
                    "\r%s [%s%s] %d/%d  %d s ",
                    what,
                    "#".repeat(filled),
                    ".".repeat(WIDTH - filled),
                    done,
                    total,
                    (now - started) / 1_000_000_000);
            out.flush();
        }
    }

    /** Removes the line until the next unit is done, so that something else can be printed. */
    synchronized void clear() {
        out.printf("\r%s\r", " ".repeat(what.length() + WIDTH + 40));
        out.flush();
    }

    @Override
    public void close() {
        clear();
    }
}
