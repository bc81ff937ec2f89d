package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.internal.tornado.tiles.TilePlugins;
import org.flinksigmoid.kernels.tensor.Bfloat16;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;

/**
 * One attention on the device: inputs drawn, output compared with a double oracle over sampled
 * rows, kernel timed. Rows are packed {@code [tokens, heads, width]}.
 */
final class AttentionRun {
    /** Elements before the first: rows lie on 128-byte lines. */
    private static final int LEAD = 64;

    /** Launches that are timed as one. */
    private static final int LAUNCHES = 10;

    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT;
    private static final short UNWRITTEN = (short) 0x7f7f;

    private final SigmoidAttention spec;
    private final boolean bfloat;
    private final RaggedBatch queries;
    private final RaggedBatch keys;
    private final int stride;
    private final HalfFloatArray q;
    private final HalfFloatArray k;
    private final HalfFloatArray v;
    private final HalfFloatArray out;
    private final TileAttentionTask.Layout layout;
    private final TileAttentionTask task;

    /** What is put into Q and K; V is always standard normal. */
    enum Data {
        /** Standard normal: logits of standard deviation 1. */
        NORMAL,
        /** Logits of standard deviation 20: they reach 60 either way. */
        LARGE,
        /** Logits of standard deviation 100: nearly all sigmoids are 0 or 1. */
        HUGE,
        /** Every key the same. */
        CONSTANT_KEYS,
        /** One key of each sequence that every query's logit with is about 60. */
        HOT_KEY
    }

    /** Errors against the oracle. */
    record Errors(double relative, double worstRow, long unwritten, boolean finite) {}

    AttentionRun(
            SigmoidAttention spec,
            boolean bfloat,
            RaggedBatch queries,
            RaggedBatch keys,
            Data data,
            TileAttentionTask.Variant variant) {
        TilePlugins.register()
                .ifPresent(
                        reason -> {
                            throw new IllegalStateException(reason);
                        });
        this.spec = spec;
        this.bfloat = bfloat;
        this.queries = queries;
        this.keys = keys;
        this.stride = spec.width();
        q = new HalfFloatArray(LEAD + queries.rows() * stride);
        k = new HalfFloatArray(LEAD + keys.rows() * stride);
        v = new HalfFloatArray(LEAD + keys.rows() * stride);
        out = new HalfFloatArray(LEAD + queries.rows() * stride);
        draw(data, new Random(7));
        out.getSegment().fill((byte) 0x7f);
        layout =
                new TileAttentionTask.Layout(
                        spec.headDim(), bfloat, stride, stride, LEAD, LEAD, LEAD, LEAD);
        task = new TileAttentionTask(spec, layout, WorkItems.most(queries), variant);
    }

    static AttentionRun of(SigmoidAttention spec, boolean bfloat, RaggedBatch lengths, Data data) {
        return new AttentionRun(
                spec, bfloat, lengths, lengths, data, variant(spec, bfloat, lengths.maxLength()));
    }

    static TileAttentionTask.Variant variant(SigmoidAttention spec, boolean bfloat, int keys) {
        var layout = new TileAttentionTask.Layout(spec.headDim(), bfloat, 8, 8, 0, 0, 0, 0);
        return TileAttentionTask.Variant.of(spec, layout, keys);
    }

    private void draw(Data data, Random random) {
        short[] normal = new short[1 << 16];
        short[] scaled = new short[1 << 16];
        float amplitude =
                switch (data) {
                    case LARGE -> 20f;
                    case HUGE -> 100f;
                    default -> 1f;
                };
        for (int i = 0; i < normal.length; i++) {
            float value = (float) random.nextGaussian();
            normal[i] = encode(value);
            scaled[i] = encode(value * amplitude);
        }
        long state = 12345;
        for (HalfFloatArray array : new HalfFloatArray[] {q, k, v}) {
            short[] pool = array == q ? scaled : normal;
            MemorySegment segment = array.getSegment();
            for (int i = 0; i < array.getSize(); i++) {
                state = state * 6364136223846793005L + 1442695040888963407L;
                segment.setAtIndex(SHORT, i, pool[(int) (state >>> 48)]);
            }
        }
        if (data == Data.CONSTANT_KEYS) {
            MemorySegment segment = k.getSegment();
            for (int i = stride; i < keys.rows() * stride; i++) {
                segment.setAtIndex(SHORT, LEAD + i, segment.getAtIndex(SHORT, LEAD + i % stride));
            }
        } else if (data == Data.HOT_KEY) {
            makeHotKey();
        }
    }

    private void makeHotKey() {
        for (int i = LEAD; i < q.getSize(); i++) {
            float value = decode(q.getSegment().getAtIndex(SHORT, i));
            q.getSegment().setAtIndex(SHORT, i, encode(1f + 0.1f * value));
        }
        short hot = encode(60f / (spec.scale() * spec.headDim()));
        for (int s = 0; s < keys.size(); s++) {
            if (keys.length(s) > 0) {
                long row = keys.offset(s) + keys.length(s) / 2;
                for (int c = 0; c < stride; c++) {
                    k.getSegment().setAtIndex(SHORT, LEAD + row * stride + c, hot);
                }
            }
        }
    }

    private short encode(float value) {
        return bfloat ? Bfloat16.of(value) : Float.floatToFloat16(value);
    }

    private float decode(short bits) {
        return bfloat ? Bfloat16.toFloat(bits) : Float.float16ToFloat(bits);
    }

    /** Multiplications and additions of the keys that queries see, as attention papers count. */
    double flops() {
        double pairs = 0;
        for (int s = 0; s < queries.size(); s++) {
            for (int i = 0; i < queries.length(s); i++) {
                pairs += seen(i, keys.length(s));
            }
        }
        return 4.0 * pairs * spec.width();
    }

    private int seen(int query, int length) {
        return Math.max(
                0,
                spec.mask().endKey(query, length) - Math.min(length, spec.mask().firstKey(query)));
    }

    /**
     * Executes twice, and compares up to {@code perSequence} rows of each sequence that the second
     * launch wrote: the first must leave nothing behind.
     */
    Errors check(int perSequence) {
        try (OnDevice device = new OnDevice()) {
            device.launch(1);
            device.clear();
            device.launch(1);
            device.fetch();
        }
        Random random = new Random(3);
        double error = 0;
        double size = 0;
        double worst = 0;
        boolean finite = true;
        for (int s = 0; s < queries.size(); s++) {
            int rows = Math.min(queries.length(s), perSequence);
            for (int sample = 0; sample < rows; sample++) {
                int i =
                        sample < (rows + 1) / 2
                                ? queries.length(s) - 1 - sample
                                : random.nextInt(queries.length(s));
                int head = random.nextInt(spec.heads());
                double[] expected = oracle(s, i, head);
                double rowError = 0;
                double rowSize = 0;
                for (int c = 0; c < expected.length; c++) {
                    double found = at(out, queries.offset(s) + i, head, c);
                    finite &= Double.isFinite(found);
                    rowError += (found - expected[c]) * (found - expected[c]);
                    rowSize += expected[c] * expected[c];
                }
                error += rowError;
                size += rowSize;
                worst = Math.max(worst, Math.sqrt(rowError / Math.max(rowSize, 1e-30)));
            }
        }
        long unwritten = 0;
        for (int i = LEAD; i < out.getSize(); i++) {
            if (out.getSegment().getAtIndex(SHORT, i) == UNWRITTEN) {
                unwritten++;
            }
        }
        return new Errors(size == 0 ? error : Math.sqrt(error / size), worst, unwritten, finite);
    }

    private double at(HalfFloatArray array, long row, int head, int column) {
        long index = LEAD + row * stride + (long) head * spec.headDim() + column;
        return decode(array.getSegment().getAtIndex(SHORT, index));
    }

    private double[] oracle(int sequence, int query, int head) {
        int length = keys.length(sequence);
        int first = Math.min(length, spec.mask().firstKey(query));
        int end = spec.mask().endKey(query, length);
        double bias =
                switch (spec.bias()) {
                    case Bias.Fixed fixed -> fixed.value();
                    case Bias.NegativeLogN n -> -Math.log(Math.max(1, end - first));
                };
        double[] sum = new double[spec.headDim()];
        for (int j = first; j < end; j++) {
            double dot = 0;
            for (int c = 0; c < sum.length; c++) {
                dot +=
                        at(q, queries.offset(sequence) + query, head, c)
                                * at(k, keys.offset(sequence) + j, head, c);
            }
            double x = dot * spec.scale() + bias;
            if (spec.alibi()) {
                x -= AttentionSpec.alibiSlope(head, spec.heads()) * Math.abs(query - j);
            }
            double probability = 1 / (1 + Math.exp(-x));
            for (int c = 0; c < sum.length; c++) {
                sum[c] += probability * at(v, keys.offset(sequence) + j, head, c);
            }
        }
        return sum;
    }

    /** Seconds of one kernel: the median of {@code repeats} times ten that follow each other. */
    double seconds(int warmUps, int repeats) {
        try (OnDevice device = new OnDevice()) {
            device.launch(warmUps);
            long[] times = new long[repeats];
            for (int i = 0; i < repeats; i++) {
                times[i] = device.launch(LAUNCHES);
            }
            Arrays.sort(times);
            return times[repeats / 2] * 1e-9 / LAUNCHES;
        }
    }

    /** Few launches, for a profiler that says more than the seconds of one by the clock. */
    double profile(int launches) {
        try (OnDevice device = new OnDevice()) {
            return device.launch(launches) * 1e-9 / launches;
        }
    }

    /** The arrays on the device, with the kernel's launch. */
    private final class OnDevice implements AutoCloseable {
        private final Device device = TornadoEngineFactory.device(0);
        private final Recording recording = new Recording(device);
        private final Region result = recording.array(Region.Type.HALVES, out.getSize());

        OnDevice() {
            Map<Region, MemorySegment> inputs = new LinkedHashMap<>();
            Region queryRows = array(inputs, q.getSegment(), Region.Type.HALVES);
            Region keyRows = array(inputs, k.getSegment(), Region.Type.HALVES);
            Region valueRows = array(inputs, v.getSegment(), Region.Type.HALVES);
            inputs.put(result, out.getSegment());
            Region items = recording.array(Region.Type.INTS, task.itemNumbers());
            Region columns = array(inputs, ints(layout.places()), Region.Type.INTS);
            MemorySegment alibi = MemorySegment.ofArray(Pack.slopes(spec.heads()));
            Region slopes = array(inputs, alibi, Region.Type.FLOATS);
            device.card().attach();
            task.addTo(recording, queryRows, keyRows, valueRows, result, items, columns, slopes);
            inputs.put(items, ints(task.items(queries, keys)));
            exclusively(
                    () -> {
                        recording.capture(device.card().streams().getFirst());
                        inputs.forEach(
                                (to, from) -> device.card().write(to.first(), offHeap(from)));
                    });
        }

        private Region array(
                Map<Region, MemorySegment> inputs, MemorySegment from, Region.Type type) {
            Region region = recording.array(type, from.byteSize() / type.bytes());
            inputs.put(region, from);
            return region;
        }

        /** Nanoseconds until the last of some launches has run. */
        long launch(int times) {
            long[] taken = new long[1];
            exclusively(
                    () -> {
                        recording.stream().synchronize();
                        long start = System.nanoTime();
                        for (int i = 0; i < times; i++) {
                            recording.launch();
                        }
                        recording.stream().synchronize();
                        taken[0] = System.nanoTime() - start;
                    });
            return taken[0];
        }

        /** Makes the result what it was before the first launch. */
        void clear() {
            exclusively(() -> device.card().write(result.first(), offHeap(out.getSegment())));
        }

        void fetch() {
            exclusively(
                    () -> {
                        MemorySegment pinned = device.card().allocatePinned(result.bytes());
                        recording.stream().down(result.first(), pinned, result.bytes());
                        recording.stream().synchronize();
                        out.getSegment().copyFrom(pinned);
                        device.card().freePinned(pinned);
                    });
        }

        @Override
        public void close() {
            exclusively(recording::free);
        }

        private void exclusively(Runnable work) {
            device.card()
                    .exclusively(
                            () -> {
                                work.run();
                                return null;
                            });
        }
    }

    private static MemorySegment ints(int[] numbers) {
        return MemorySegment.ofArray(numbers);
    }

    private static MemorySegment offHeap(MemorySegment from) {
        return from.isNative()
                ? from
                : Arena.ofAuto().allocate(from.byteSize(), Long.BYTES).copyFrom(from);
    }
}
