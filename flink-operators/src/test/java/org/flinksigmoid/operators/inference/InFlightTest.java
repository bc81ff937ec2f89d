package org.flinksigmoid.operators.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;
import org.flinksigmoid.operators.inference.Entry.Outcome;

/** The order in which records and watermarks leave, whatever the order in which calls finish. */
class InFlightTest {
    private final List<Object> left = new ArrayList<>();

    private InFlight<Integer, Integer> inFlight(Order order) {
        left.clear();
        return new InFlight<>(
                order,
                new InFlight.Emitter<>() {
                    @Override
                    public void emit(Entry<Integer, Integer> entry) {
                        left.add(entry);
                    }

                    @Override
                    public void emit(StreamElement event) {
                        left.add(event.asWatermark().getTimestamp());
                    }
                });
    }

    /** Entries in order of arrival, and watermarks between them. */
    private List<Object> play(InFlight<Integer, Integer> inFlight, Random random, int steps)
            throws Exception {
        List<Object> arrived = new ArrayList<>();
        List<Entry<Integer, Integer>> running = new ArrayList<>();
        long watermark = 0;
        for (int i = 0; i < steps; i++) {
            switch (random.nextInt(5)) {
                case 0 -> {
                    watermark += random.nextInt(10);
                    arrived.add(watermark);
                    inFlight.add(new Watermark(watermark));
                }
                case 1, 2 -> {
                    Entry<Integer, Integer> entry =
                            new Entry<>(
                                    i,
                                    random.nextInt(10) > 0,
                                    Math.max(0, watermark + random.nextInt(20) - 5),
                                    random.nextInt(4),
                                    Lane.of(false, "", 0),
                                    1,
                                    0,
                                    0);
                    arrived.add(entry);
                    running.add(entry);
                    inFlight.add(entry);
                }
                default -> finishOne(inFlight, running, random);
            }
            assertThat(inFlight.size()).isEqualTo(entries(arrived) - entries(left));
        }
        while (!running.isEmpty()) {
            finishOne(inFlight, running, random);
        }
        return arrived;
    }

    private static void finishOne(
            InFlight<Integer, Integer> inFlight,
            List<Entry<Integer, Integer>> running,
            Random random)
            throws Exception {
        if (!running.isEmpty()) {
            Entry<Integer, Integer> entry = running.remove(random.nextInt(running.size()));
            inFlight.finish(entry, new Outcome.Result<>(entry.value));
        }
    }

    private static long entries(List<Object> elements) {
        return elements.stream().filter(Entry.class::isInstance).count();
    }

    @Property(tries = 300, seed = "20261201")
    void everyRecordLeavesOnceAndEventsNeverOvertake(
            @ForAll long seed, @ForAll Order order, @ForAll @IntRange(max = 300) int steps)
            throws Exception {
        InFlight<Integer, Integer> inFlight = inFlight(order);
        List<Object> arrived = play(inFlight, new Random(seed), steps);
        assertThat(inFlight.isEmpty()).isTrue();
        assertThat(left.stream().filter(Entry.class::isInstance).toList())
                .containsExactlyInAnyOrderElementsOf(
                        arrived.stream().filter(Entry.class::isInstance).toList());
        long passed = -1;
        for (Object element : left) {
            if (element instanceof Long watermark) {
                assertThat(watermark).isGreaterThanOrEqualTo(passed);
                passed = watermark;
                int position = left.indexOf(element);
                // every record that came before the watermark has left before it
                for (Object earlier : arrived.subList(0, arrived.indexOf(element))) {
                    if (earlier instanceof Entry<?, ?>) {
                        assertThat(left.indexOf(earlier)).isLessThan(position);
                    }
                }
            }
        }
        assertThat(passed)
                .isEqualTo(
                        arrived.stream()
                                .filter(Long.class::isInstance)
                                .mapToLong(Long.class::cast)
                                .max()
                                .orElse(-1));
    }

    @Property(tries = 300, seed = "20261201")
    void aLateRecordStaysLate(@ForAll long seed, @ForAll Order order) throws Exception {
        List<Object> arrived = play(inFlight(order), new Random(seed), 200);
        long watermark = -1;
        Map<Object, Long> before = new HashMap<>();
        for (Object element : arrived) {
            if (element instanceof Long mark) {
                watermark = mark;
            } else {
                before.put(element, watermark);
            }
        }
        long passed = -1;
        for (Object element : left) {
            if (element instanceof Long mark) {
                passed = mark;
            } else {
                Entry<?, ?> entry = (Entry<?, ?>) element;
                if (entry.hasTimestamp && entry.timestamp <= before.get(entry)) {
                    assertThat(entry.timestamp).isLessThanOrEqualTo(passed);
                }
            }
        }
    }

    @Property(tries = 300, seed = "20261201")
    void aKeyKeepsItsOrder(@ForAll long seed) throws Exception {
        List<Object> arrived = play(inFlight(Order.PER_KEY), new Random(seed), 200);
        for (int key = 0; key < 4; key++) {
            int wanted = key;
            assertThat(left.stream().filter(e -> hasKey(e, wanted)).toList())
                    .isEqualTo(arrived.stream().filter(e -> hasKey(e, wanted)).toList());
        }
    }

    private static boolean hasKey(Object element, int key) {
        return element instanceof Entry<?, ?> entry && entry.key.equals(key);
    }

    /** Else a call that hangs for a night would keep all records that came after its own. */
    @Property(tries = 50, seed = "20261201")
    void aRecordThatHasLeftHoldsNoOther(@ForAll long seed, @ForAll Order order) throws Exception {
        play(inFlight(order), new Random(seed), 200);
        for (Object element : left) {
            if (element instanceof Entry<?, ?> entry) {
                assertThat(entry)
                        .extracting(e -> e.previous, e -> e.next, e -> e.nextOfKey)
                        .containsOnlyNulls();
                assertThat(entry).extracting(e -> e.segment, e -> e.holdBack).containsOnlyNulls();
            }
        }
    }

    @Property(tries = 50, seed = "20261201")
    void unorderedRecordsLeaveAtOnce(@ForAll @IntRange(min = 1, max = 50) int records)
            throws Exception {
        InFlight<Integer, Integer> inFlight = inFlight(Order.UNORDERED);
        List<Entry<Integer, Integer>> entries = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            entries.add(new Entry<>(i, false, 0, "k", Lane.of(false, "", 0), 1, 0, 0));
            inFlight.add(entries.getLast());
        }
        for (Entry<Integer, Integer> entry : entries.reversed()) {
            inFlight.finish(entry, new Outcome.Result<>(0));
            assertThat(left).endsWith(entry);
        }
    }
}
