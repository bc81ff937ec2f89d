package org.flinksigmoid.pipelines.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.Consumer;
import org.flinksigmoid.operators.types.Transcript;

/**
 * Shows transcripts as they come, with their times from the stream's beginning. On a terminal a
 * partial result is a line that the next result replaces. Called by one thread at a time.
 */
final class TranscriptConsole implements Consumer<Transcript> {
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final PrintWriter out;
    private final boolean live;

    TranscriptConsole(PrintWriter out, boolean live) {
        this.out = out;
        this.live = live;
    }

    @Override
    public void accept(Transcript transcript) {
        if (transcript.text().isEmpty()) {
            return; // an end without words
        }
        if (live) {
            out.print(CLEAR_LINE);
        }
        String line =
                "%s - %s  %-22s %s %s"
                        .formatted(
                                time(transcript.startMillis() - transcript.streamStartMillis()),
                                time(transcript.endMillis() - transcript.streamStartMillis()),
                                Printable.of(transcript.streamId()),
                                transcript.isFinal() ? "=" : "~",
                                Printable.of(transcript.text()));
        if (live && !transcript.isFinal()) {
            out.print(line);
        } else {
            out.println(line);
        }
        StandardOutput.flush(out);
    }

    private static String time(long millis) {
        return String.format(Locale.ROOT, "%02d:%04.1f", millis / 60_000, millis % 60_000 / 1000.0);
    }
}
