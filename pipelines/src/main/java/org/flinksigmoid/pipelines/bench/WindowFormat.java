package org.flinksigmoid.pipelines.bench;

import java.util.Optional;
import java.util.Random;
import org.apache.flink.types.Either;
import org.flinksigmoid.operators.types.FeatureWindow;
import org.flinksigmoid.pipelines.source.RecordFormat;
import org.flinksigmoid.pipelines.source.RecordReader;
import org.flinksigmoid.pipelines.source.StreamInput;
import org.flinksigmoid.pipelines.source.StreamSplit;

/**
 * Streams of windows out of nothing.
 *
 * @param windows of each stream
 * @param frames of each window
 * @param width of each frame
 */
record WindowFormat(int windows, int frames, int width) implements RecordFormat<FeatureWindow> {
    @Override
    public RecordReader<FeatureWindow> open(StreamSplit split) {
        return new Reader(this, split);
    }

    @Override
    public boolean isLive(StreamInput input) {
        return false;
    }

    private static final class Reader implements RecordReader<FeatureWindow> {
        private final WindowFormat format;
        private final StreamSplit split;
        private final float[] features;
        private int index;

        Reader(WindowFormat format, StreamSplit split) {
            this.format = format;
            this.split = split;
            this.features = new float[format.frames() * format.width()];
            Random random = new Random(split.streamId().hashCode());
            for (int i = 0; i < features.length; i++) {
                features[i] = random.nextFloat(-2f, 0.5f);
            }
        }

        @Override
        public Optional<Item<FeatureWindow>> next() {
            if (index == format.windows()) {
                return Optional.empty();
            }
            FeatureWindow window =
                    new FeatureWindow(
                            split.streamId(),
                            index,
                            split.startMillis(),
                            index * format.frames(),
                            format.frames(),
                            format.width(),
                            features,
                            index == format.windows() - 1,
                            0);
            long time = split.startMillis() + index;
            index++;
            return Optional.of(new Item<>(Either.Left(window), time, time));
        }

        @Override
        public void close() {}
    }
}
