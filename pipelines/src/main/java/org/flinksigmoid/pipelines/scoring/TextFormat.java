package org.flinksigmoid.pipelines.scoring;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.pipelines.source.LiveInput;
import org.flinksigmoid.pipelines.source.RecordFormat;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;
import org.flinksigmoid.pipelines.source.WholeFile;

/**
 * Lines as messages, out of a file, standard input ({@code -}) or a socket ({@code
 * tcp://host:port}).
 *
 * @param syntax what a line is
 * @param linesPerSecond how fast lines are ready in event time: what real-time pace means for text
 */
public record TextFormat(Syntax syntax, double linesPerSecond)
        implements RecordFormat<TextMessage> {
    /** What a line is. */
    public enum Syntax {
        /** {@link #JSON} in files whose name ends in .jsonl or .ndjson, {@link #TEXT} otherwise. */
        BY_FILE_NAME,
        /** The text itself; the line's number is its id. */
        TEXT,
        /** A JSON object with a string {@code text} and, optionally, {@code key} and {@code id}. */
        JSON
    }

    /** Checks the rate. */
    public TextFormat {
        if (!(linesPerSecond > 0)) {
            throw new IllegalArgumentException(
                    "lines per second: expected > 0, found " + linesPerSecond);
        }
    }

    @Override
    public RecordReader<TextMessage> open(StreamSplit split) throws IOException {
        return new TextReader(openPart(split.input().parts().getFirst()), this, split);
    }

    @Override
    public boolean isLiveTimeWallTime() {
        return true;
    }

    @Override
    public boolean isLive(StreamInput input) {
        return LiveInput.is(input.parts().getFirst());
    }

    /** Whether a part holds JSON Lines. */
    boolean isJson(String part) {
        return syntax == Syntax.JSON
                || syntax == Syntax.BY_FILE_NAME
                        && (part.endsWith(".jsonl") || part.endsWith(".ndjson"));
    }

    private static InputStream openPart(String part) throws IOException {
        return LiveInput.is(part) ? LiveInput.open(part) : WholeFile.open(Path.of(part));
    }
}
