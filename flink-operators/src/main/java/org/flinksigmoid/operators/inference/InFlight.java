package org.flinksigmoid.operators.inference;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamElement;

/**
 * All records inside the operator in order of arrival, and the order in which they may leave.
 *
 * <ul>
 *   <li>With {@link Order#PER_KEY} a finished record leaves once no earlier record of its key is
 *       left; every record costs O(1).
 *   <li>Watermarks and stream status cut the records into segments: such an event leaves when all
 *       records that came before it have left. Later records may overtake it, unless they are late
 *       for a watermark that still waits: passing it would make them timely.
 * </ul>
 *
 * Not thread-safe.
 */
final class InFlight<I, O> {
    /** Stands for the key where there is none: all records are of one key. */
    static final Object NO_KEY = new Object();

    private final Order order;
    private final Emitter<I, O> emitter;
    private final Map<Object, Entry<I, O>> lastOfKey = new HashMap<>();
    private final Deque<Segment<I, O>> segments = new ArrayDeque<>();
    private Entry<I, O> first;
    private Entry<I, O> last;
    private int size;
    private boolean passing;

    InFlight(Order order, Emitter<I, O> emitter) {
        this.order = order;
        this.emitter = emitter;
        segments.add(new Segment<>());
    }

    /** Where records and events go. */
    interface Emitter<I, O> {
        void emit(Entry<I, O> entry) throws Exception;

        void emit(StreamElement event) throws Exception;
    }

    /** Records between two events, and the event behind them. */
    static final class Segment<I, O> {
        int waiting;
        StreamElement event;
        boolean passed;

        /** Finished records that wait for the event to leave. */
        final List<Entry<I, O>> heldBack = new ArrayList<>(0);
    }

    /** Number of records that have not left. */
    int size() {
        return size;
    }

    /** Whether nothing is left, neither record nor event. */
    boolean isEmpty() {
        return size == 0 && segments.size() == 1;
    }

    /** Takes in a record. */
    void add(Entry<I, O> entry) {
        entry.previous = last;
        if (last == null) {
            first = entry;
        } else {
            last.next = entry;
        }
        last = entry;
        size++;
        Segment<I, O> open = segments.getLast();
        open.waiting++;
        entry.segment = open;
        entry.holdBack = lateFor(entry);
        if (order == Order.PER_KEY) {
            Entry<I, O> before = lastOfKey.put(entry.key, entry);
            if (before == null) {
                entry.firstOfKey = true;
            } else {
                before.nextOfKey = entry;
            }
        } else {
            entry.firstOfKey = true;
        }
    }

    /** Takes in a watermark or a stream status; it leaves at once if nothing is before it. */
    void add(StreamElement event) throws Exception {
        Segment<I, O> open = segments.getLast();
        if (open.waiting == 0 && segments.size() == 1) {
            emitter.emit(event);
            return;
        }
        if (open.waiting == 0 && event.isWatermark()) {
            Segment<I, O> before = beforeLast();
            if (before.event.isWatermark()) {
                before.event = event; // the earlier one says less, and nothing lies between
                return;
            }
        }
        open.event = event;
        segments.add(new Segment<>());
    }

    /** Notes what becomes of a record, and lets out whatever may leave now. */
    void finish(Entry<I, O> entry, Entry.Outcome<O> outcome) throws Exception {
        if (entry.outcome != null) {
            throw new IllegalStateException("a record finished twice");
        }
        entry.outcome = outcome;
        release(entry);
    }

    /** Visits the records that have not left, in order of arrival. */
    void forEach(Consumer<Entry<I, O>> visitor) {
        for (Entry<I, O> entry = first; entry != null; entry = entry.next) {
            visitor.accept(entry);
        }
    }

    private void release(Entry<I, O> start) throws Exception {
        Entry<I, O> entry = start;
        while (entry != null && entry.firstOfKey && entry.outcome != null) {
            if (entry.holdBack != null && !entry.holdBack.passed) {
                entry.holdBack.heldBack.add(entry);
                return;
            }
            Entry<I, O> following = entry.nextOfKey;
            remove(entry);
            emitter.emit(entry);
            entry.segment.waiting--;
            entry.segment = null;
            passEvents();
            entry = following;
        }
    }

    private void remove(Entry<I, O> entry) {
        if (entry.previous == null) {
            first = entry.next;
        } else {
            entry.previous.next = entry.next;
        }
        if (entry.next == null) {
            last = entry.previous;
        } else {
            entry.next.previous = entry.previous;
        }
        size--;
        if (order == Order.PER_KEY) {
            if (entry.nextOfKey == null) {
                lastOfKey.remove(entry.key);
            } else {
                entry.nextOfKey.firstOfKey = true;
            }
        }
        // Whoever still holds it, as a call that hangs may for a night, must not hold all later
        // ones.
        entry.previous = null;
        entry.next = null;
        entry.nextOfKey = null;
        entry.holdBack = null;
    }

    private void passEvents() throws Exception {
        if (passing) {
            return; // called by release below: the loop that runs goes on
        }
        passing = true;
        while (segments.size() > 1 && segments.getFirst().waiting == 0) {
            Segment<I, O> segment = segments.removeFirst();
            segment.passed = true;
            emitter.emit(segment.event);
            for (Entry<I, O> entry : segment.heldBack) {
                release(entry);
            }
        }
        passing = false;
    }

    /** The segment whose waiting watermark the record is late for, or null. */
    private Segment<I, O> lateFor(Entry<I, O> entry) {
        if (!entry.hasTimestamp || segments.size() == 1) {
            return null;
        }
        var backwards = segments.descendingIterator();
        while (backwards.hasNext()) {
            Segment<I, O> segment = backwards.next();
            if (segment.event instanceof Watermark watermark) {
                // Watermarks only grow: if not late for the newest, then for none.
                return entry.timestamp <= watermark.getTimestamp() ? segment : null;
            }
        }
        return null;
    }

    private Segment<I, O> beforeLast() {
        var backwards = segments.descendingIterator();
        backwards.next();
        return backwards.next();
    }
}
