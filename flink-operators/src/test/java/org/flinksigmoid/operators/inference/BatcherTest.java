package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private final Batcher<Integer, Integer> batcher = new Batcher<>(4, 100);

    private Entry<Integer, Integer> add(int value, Lane lane, long tokens) {
        Entry<Integer, Integer> entry =
                new Entry<>(value, false, 0, "k", lane, tokens, value, value + 10);
        batcher.add(entry);
        return entry;
    }

    private static Lane route(String route) {
        return Lane.of(false, route, 0);
    }

    private List<Integer> next(long now, boolean atOnce) {
        Batch<Integer, Integer> batch = batcher.next(now, atOnce);
        return batch == null ? List.of() : batch.values();
    }

    @Test
    void aBatchHoldsRecordsOfOneLane() {
        for (int i = 0; i < 10; i++) {
            add(i, route("r" + i % 2), 1);
        }
        assertThat(next(0, false)).containsExactly(0, 2, 4, 6);
        assertThat(next(0, false)).containsExactly(1, 3, 5, 7);
        assertThat(next(0, false)).isEmpty();
        assertThat(batcher.deadlineMillis()).isEqualTo(18);
        assertThat(next(18, false)).containsExactly(8);
        assertThat(next(18, true)).containsExactly(9);
        assertThat(batcher.isEmpty()).isTrue();
        assertThat(batcher.deadlineMillis()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void theLaneWithTheOldestRecordIsNextSoThatNoneStarves() {
        add(0, route("rare"), 1);
        for (int i = 1; i < 100; i++) {
            add(i, route("often"), 1);
        }
        assertThat(next(5, false)).containsExactly(1, 2, 3, 4); // the rare one may still wait
        assertThat(next(50, false)).containsExactly(0);
    }

    @Test
    void tokensOfOneLaneDoNotFillAnother() {
        add(0, route("a"), 60);
        add(1, route("b"), 60);
        assertThat(next(0, false)).isEmpty();
        add(2, route("a"), 60);
        assertThat(next(0, false)).containsExactly(0);
        assertThat(batcher.size()).isEqualTo(2);
    }

    @Test
    void aRecordOfAsManyTokensAsThereAreRunsAlone() {
        add(0, route("a"), 10);
        add(1, route("a"), Long.MAX_VALUE);
        add(2, route("a"), 10);
        assertThat(next(0, true)).containsExactly(0);
        assertThat(next(0, true)).containsExactly(1);
        assertThat(next(0, true)).containsExactly(2);
    }

    @Test
    void everyRecordLeavesOnceThroughThousandsOfLanes() {
        Random random = new Random(7);
        List<Integer> left = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            add(i, route("r" + random.nextInt(3000)), 1 + random.nextInt(50));
            if (random.nextInt(3) == 0) {
                left.addAll(next(i, true));
            }
        }
        while (!batcher.isEmpty()) {
            left.addAll(next(0, true));
        }
        assertThat(left).hasSize(20_000).doesNotHaveDuplicates();
    }
}
