package org.flinksigmoid.pipelines.source;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.IntFunction;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Hands each reader that asks the next stream; in a loop it begins again after the last. */
final class StreamEnumerator implements SplitEnumerator<StreamSplit, PendingSplits> {
    private final SplitEnumeratorContext<StreamSplit> context;
    private final IntFunction<PendingSplits> rounds;
    private final InputSource.Options options;
    private final Deque<StreamSplit> pending;
    private int round;

    /**
     * @param rounds what each round of a loop reads
     */
    StreamEnumerator(
            SplitEnumeratorContext<StreamSplit> context,
            IntFunction<PendingSplits> rounds,
            InputSource.Options options,
            PendingSplits start) {
        this.context = context;
        this.rounds = rounds;
        this.options = options;
        this.pending = new ArrayDeque<>(start.splits());
        this.round = start.round();
    }

    @Override
    public void start() {
        if (options.backlog()) {
            context.setIsProcessingBacklog(true); // Flink takes it back when all has been read
        }
    }

    @Override
    public void handleSplitRequest(int subtask, String host) {
        if (!context.registeredReaders().containsKey(subtask)) {
            return; // it failed since it asked; the reader in its place asks again
        }
        if (pending.isEmpty() && options.loop()) {
            round++;
            pending.addAll(rounds.apply(round).splits());
        }
        StreamSplit next = pending.poll();
        if (next == null) {
            context.signalNoMoreSplits(subtask);
        } else {
            context.assignSplit(next, subtask);
        }
    }

    @Override
    public void addSplitsBack(List<StreamSplit> splits, int subtask) {
        for (StreamSplit split : splits.reversed()) {
            pending.addFirst(split);
        }
    }

    @Override
    public void addReader(int subtask) {}

    @Override
    public PendingSplits snapshotState(long checkpoint) {
        return new PendingSplits(new ArrayList<>(pending), round);
    }

    @Override
    public void close() {}
}
