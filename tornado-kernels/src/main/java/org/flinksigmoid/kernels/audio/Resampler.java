package org.flinksigmoid.kernels.audio;

import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Band-limited change of the sample rate by a rational factor L / M: {@code y[j] = sum_i x[i] * h(j
 * * M / L - i)}, with {@code h} a sinc cut at half the lower rate under a Kaiser window (beta 7.86,
 * by his formula for 80 dB, {@code 0.1102 (80 - 8.7)}) of 50 lobes a side, split into L phases.
 * Zero phase: output {@code j} belongs to time {@code j / outputRate}; before the first and after
 * the last sample there is silence. {@code ceil(n * L / M)} samples come out of {@code n}.
 *
 * <p>Flat within 0.01 dB up to 0.95 of half the lower rate, more than 75 dB down from 1.05 of it:
 * at 8 kHz what folds back lies above 3.8 kHz, outside the mel bands. Costs about 100
 * multiplications a sample of the higher rate. The output does not depend on how the input is cut,
 * and lags by 50 samples of the lower rate (6.25 ms at 8 kHz). Not thread-safe.
 */
public final class Resampler {
    private static final byte VERSION = 1;
    private static final int LOBES = 50;
    private static final double BETA = 7.857;

    /** Phases times taps; rates whose ratio is no small fraction would need more memory. */
    private static final int MAX_COEFFICIENTS = 4 << 20;

    private final int inputRate;
    private final int outputRate;
    private final int up;
    private final int down;
    private final int reach;
    private final Table table;
    private final int taps;

    private float[] held = new float[0];
    private int heldCount;
    private long heldStart;
    private long consumed;
    private long produced;

    /**
     * The coefficients, shared by the streams of one pair of rates. They are up to 16 MiB, so where
     * many streams of odd rates come in, memory takes them back and they are computed again.
     */
    private static final class Table {
        private SoftReference<float[]> coefficients = new SoftReference<>(null);
    }

    /** Takes resampled samples. */
    @FunctionalInterface
    public interface SampleSink {
        /**
         * @param samples valid during the call only
         */
        void accept(float[] samples, int offset, int count);
    }

    /**
     * A stream at its beginning.
     *
     * @throws IllegalArgumentException if a rate is below 1 kHz or above 384 kHz, or their ratio is
     *     no fraction small enough for a table of 16 MiB
     */
    public Resampler(int inputRate, int outputRate) {
        this(inputRate, outputRate, null);
    }

    private Resampler(int inputRate, int outputRate, Resampler tables) {
        this.inputRate = inputRate;
        this.outputRate = outputRate;
        if (tables != null) {
            up = tables.up;
            down = tables.down;
            reach = tables.reach;
            taps = tables.taps;
            table = tables.table;
            return;
        }
        if (!supports(inputRate, outputRate)) {
            throw new IllegalArgumentException(
                    "sample rate: expected %d to %d Hz in a simple ratio to %d Hz, found %d Hz"
                            .formatted(
                                    WavReader.MIN_SAMPLE_RATE,
                                    WavReader.MAX_SAMPLE_RATE,
                                    outputRate,
                                    inputRate));
        }
        int divisor = greatestCommonDivisor(inputRate, outputRate);
        up = outputRate / divisor;
        down = inputRate / divisor;
        reach = reach(inputRate, outputRate);
        taps = 2 * reach;
        table = new Table();
    }

    /** Whether the two rates can be converted. */
    public static boolean supports(int inputRate, int outputRate) {
        if (inputRate < WavReader.MIN_SAMPLE_RATE || outputRate < WavReader.MIN_SAMPLE_RATE) {
            return false;
        }
        if (inputRate > WavReader.MAX_SAMPLE_RATE || outputRate > WavReader.MAX_SAMPLE_RATE) {
            return false;
        }
        if (inputRate == outputRate) {
            return true; // asked for every chunk
        }
        long phases = outputRate / greatestCommonDivisor(inputRate, outputRate);
        return phases * 2 * reach(inputRate, outputRate) <= MAX_COEFFICIENTS;
    }

    /** Another stream at its beginning, with this one's tables. */
    public Resampler fresh() {
        return new Resampler(inputRate, outputRate, this);
    }

    /** Takes samples and hands on those that they complete. */
    public void accept(float[] samples, int offset, int count, SampleSink sink) {
        hold(samples, offset, count);
        consumed += count;
        // Output j needs inputs up to floor(j * M / L) + reach.
        drain(consumed - reach, sink);
    }

    /** Ends the stream; the object is then at a stream's beginning again. */
    public void finish(SampleSink sink) {
        long samples = consumed;
        hold(new float[reach], 0, reach);
        drain(samples, sink);
        heldCount = 0;
        heldStart = 0;
        consumed = 0;
        produced = 0;
    }

    private void hold(float[] samples, int offset, int count) {
        if (heldCount + count > held.length) {
            held = Arrays.copyOf(held, Math.max(heldCount + count, 2 * taps));
        }
        System.arraycopy(samples, offset, held, heldCount, count);
        heldCount += count;
    }

    /** Makes every output whose centre lies before input {@code limit}. */
    private void drain(long limit, SampleSink sink) {
        long end = limit <= 0 ? 0 : (limit * up + down - 1) / down;
        int count = (int) (end - produced);
        if (count > 0) {
            float[] out = new float[count];
            float[] coefficients = coefficients();
            for (int i = 0; i < count; i++) {
                out[i] = sample(produced + i, coefficients);
            }
            produced = end;
            sink.accept(out, 0, count);
        }
        long needed = Math.max(0, produced * down / up - reach + 1);
        int drop = (int) Math.min(heldCount, needed - heldStart);
        if (drop > 0) {
            heldCount -= drop;
            heldStart += drop;
            System.arraycopy(held, drop, held, 0, heldCount);
        }
    }

    private float sample(long index, float[] coefficients) {
        long centre = index * down / up;
        int phase = (int) (index * down % up);
        // Tap i weighs input centre - reach + 1 + i.
        int first = (int) (centre - reach + 1 - heldStart);
        int from = Math.max(0, -first);
        int at = phase * taps;
        double sum = 0;
        for (int i = from; i < taps; i++) {
            sum += (double) held[first + i] * coefficients[at + i];
        }
        return (float) sum;
    }

    private float[] coefficients() {
        float[] coefficients = table.coefficients.get();
        if (coefficients == null) {
            coefficients = design();
            table.coefficients = new SoftReference<>(coefficients);
        }
        return coefficients;
    }

    private float[] design() {
        float[] designed = new float[up * taps];
        double cutoff = Math.min(1.0, (double) outputRate / inputRate);
        double width = LOBES / cutoff;
        double scale = cutoff / bessel(BETA);
        for (int phase = 0; phase < up; phase++) {
            double sum = 0;
            double[] row = new double[taps];
            for (int i = 0; i < taps; i++) {
                double distance = (double) phase / up + reach - 1 - i;
                double inside = 1 - (distance / width) * (distance / width);
                if (inside > 0) {
                    row[i] = scale * sinc(distance * cutoff) * bessel(BETA * Math.sqrt(inside));
                }
                sum += row[i];
            }
            // Each phase passes a constant unchanged.
            for (int i = 0; i < taps; i++) {
                designed[phase * taps + i] = (float) (row[i] / sum);
            }
        }
        return designed;
    }

    private static int reach(int inputRate, int outputRate) {
        return (int) Math.ceil(LOBES * Math.max(1.0, (double) inputRate / outputRate)) + 1;
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }

    /** Modified Bessel function of the first kind, order 0, by its power series. */
    private static double bessel(double x) {
        double sum = 1;
        double term = 1;
        for (int k = 1; term > 1e-18 * sum; k++) {
            term *= (x / (2 * k)) * (x / (2 * k));
            sum += term;
        }
        return sum;
    }

    private static int greatestCommonDivisor(int a, int b) {
        return b == 0 ? a : greatestCommonDivisor(b, a % b);
    }

    /** The state between two pieces. */
    public byte[] snapshot() {
        ByteBuffer bytes = StateBytes.begin(VERSION, 32 + StateBytes.size(heldCount));
        bytes.putInt(inputRate).putInt(outputRate);
        bytes.putLong(heldStart).putLong(consumed).putLong(produced);
        StateBytes.put(bytes, held, heldCount);
        return bytes.array();
    }

    /**
     * Goes on where {@link #snapshot} was taken, with this object's tables.
     *
     * @throws IllegalArgumentException if the bytes are of another version or other rates, cut, or
     *     too long
     */
    public Resampler restore(byte[] snapshot) {
        return StateBytes.read(
                "resampler state",
                VERSION,
                snapshot,
                bytes -> {
                    int from = bytes.getInt();
                    int to = bytes.getInt();
                    if (from != inputRate || to != outputRate) {
                        throw new IllegalArgumentException(
                                "resampler state: expected %d to %d Hz, found %d to %d Hz"
                                        .formatted(inputRate, outputRate, from, to));
                    }
                    Resampler resampler = fresh();
                    resampler.heldStart = bytes.getLong();
                    resampler.consumed = bytes.getLong();
                    resampler.produced = bytes.getLong();
                    resampler.held = StateBytes.floats(bytes);
                    resampler.heldCount = resampler.held.length;
                    return resampler;
                });
    }
}
