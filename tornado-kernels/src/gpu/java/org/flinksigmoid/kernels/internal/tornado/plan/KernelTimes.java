package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.flinksigmoid.kernels.backend.Input;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * What the kernels of one batch take, its input on the device already, in milliseconds.
 *
 * @param once on an idle card, by its clock, from the launch of the first graph until the last has
 *     run, in the parts and on the streams of a run that finds the card idle; the median
 * @param inARow a batch of many that follow each other without copies, each as a whole, as where
 *     other runs are under way; the mean
 */
record KernelTimes(double once, double inARow) {
    static KernelTimes of(
            ProgramExecutable executable, RaggedBatch batch, Input input, int repeats) {
        Card card = TornadoEngineFactory.device(0).card();
        List<ProgramLaunch> parts = executable.launches(batch, input, true);
        double once = card.exclusively(() -> once(card, parts, repeats));
        List<ProgramLaunch> whole = executable.launches(batch, input, false);
        return new KernelTimes(once, card.exclusively(() -> inARow(card, whole, repeats)));
    }

    static double once(Card card, List<ProgramLaunch> launches, int repeats) {
        List<CardStream> streams = launches.stream().map(ProgramLaunch::stream).distinct().toList();
        MemorySegment start = card.newTimedEvent();
        List<MemorySegment> ends = streams.stream().map(stream -> card.newTimedEvent()).toList();
        double[] times = new double[repeats];
        for (int repeat = 0; repeat < repeats; repeat++) {
            card.streams().forEach(CardStream::synchronize);
            streams.getFirst().record(start);
            launches.forEach(ProgramLaunch::launch);
            for (int i = 0; i < ends.size(); i++) {
                streams.get(i).record(ends.get(i));
            }
            for (MemorySegment end : ends) {
                card.await(end);
                times[repeat] = Math.max(times[repeat], card.between(start, end));
            }
        }
        card.destroyEvent(start);
        ends.forEach(card::destroyEvent);
        Arrays.sort(times);
        return times[repeats / 2];
    }

    private static double inARow(Card card, List<ProgramLaunch> launches, int repeats) {
        card.streams().forEach(CardStream::synchronize);
        long start = System.nanoTime();
        for (int i = 0; i < repeats; i++) {
            launches.forEach(ProgramLaunch::launch);
        }
        card.streams().forEach(CardStream::synchronize);
        return (System.nanoTime() - start) * 1e-6 / repeats;
    }
}
