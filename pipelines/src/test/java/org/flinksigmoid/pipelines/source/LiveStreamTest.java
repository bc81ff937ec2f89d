package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LiveStreamTest {
    private static final StreamSplit SPLIT =
            StreamSplit.of(new StreamInput("s", List.of("x")), 0).startedAt(0);

    private final CountDownLatch opening = new CountDownLatch(1);
    private final CountDownLatch mayOpen = new CountDownLatch(1);
    private final CountDownLatch closed = new CountDownLatch(1);

    /** A stream whose opening takes its time. */
    private final class SlowToOpen implements RecordFormat<String> {
        private static final long serialVersionUID = 1L;

        @Override
        public RecordReader<String> open(StreamSplit split) {
            opening.countDown();
            while (mayOpen.getCount() > 0) {
                Thread.onSpinWait(); // as connecting a socket, it knows no interrupts
            }
            return new RecordReader<>() {
                @Override
                public Optional<Item<String>> next() {
                    return Optional.empty();
                }

                @Override
                public void close() {
                    closed.countDown();
                }
            };
        }

        @Override
        public boolean isLive(StreamInput input) {
            return true;
        }
    }

    @Test
    void aStreamThatIsClosedWhileItIsOpenedLeavesNothingOpen() throws Exception {
        LiveStream<String> stream = new LiveStream<>(SPLIT, new SlowToOpen(), () -> 0, () -> {});
        opening.await();
        stream.close();
        mayOpen.countDown();
        assertThat(closed.await(1, TimeUnit.MINUTES)).isTrue();
    }
}
