package org.flinksigmoid.pipelines.evaluation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.flink.types.Either;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.pipelines.source.RecordFormat;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;

/**
 * The texts of a labelled file as messages, whose id is their place in {@link LabelledText#read},
 * counted from 0.
 *
 * @param prefix characters of each text to keep
 */
public record LabelledTextFormat(int prefix) implements RecordFormat<TextMessage> {
    @Override
    public RecordReader<TextMessage> open(StreamSplit split) throws IOException {
        Path file = Path.of(split.input().parts().getFirst());
        return new Reader(split, LabelledText.read(file, prefix).iterator());
    }

    @Override
    public boolean isLive(StreamInput input) {
        return false;
    }

    private static final class Reader implements RecordReader<TextMessage> {
        private final StreamSplit split;
        private final Iterator<LabelledText> texts;
        private long number;

        Reader(StreamSplit split, Iterator<LabelledText> texts) {
            this.split = split;
            this.texts = texts;
        }

        @Override
        public Optional<Item<TextMessage>> next() {
            if (!texts.hasNext()) {
                return Optional.empty();
            }
            long time = split.startMillis() + number;
            String id = Long.toString(number++);
            TextMessage message = new TextMessage(split.streamId(), id, texts.next().text(), time);
            return Optional.of(new Item<>(Either.Left(message), time, time));
        }

        @Override
        public void close() {}
    }

    /** The stream to read a file as. */
    public static List<StreamInput> inputs(Path file) {
        return List.of(
                new StreamInput(
                        file.getFileName().toString(), List.of(file.toAbsolutePath().toString())));
    }
}
