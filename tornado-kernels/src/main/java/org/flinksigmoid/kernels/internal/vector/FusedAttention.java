package org.flinksigmoid.kernels.internal.vector;

import java.util.Arrays;
import org.flinksigmoid.kernels.attention.AttentionSpec;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.attention.SoftmaxAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;

/**
 * {@code o_i = sum_j p(scale q_i . k_j - slope |i - j| + b) v_j}, p the sigmoid or the softmax, for
 * every sequence and head; O(n^2 d) time, never an n x n matrix. A panel of queries meets a block
 * of keys: their logits (a matrix product in {@link Tiles}) fill {@code [keys, PANEL]} in L1, turn
 * into probabilities there, and multiply the values into {@code [headDim, PANEL]}. Scratch is
 * O(headDim) a panel of queries and O(n d) for the packed keys and values.
 *
 * <p>Sigmoid attention (Ramapuram et al., arXiv 2409.04431, equation 3) adds the blocks up as they
 * come; softmax keeps a running maximum and sum (Milakov and Gimelshein, arXiv 1805.02867), as
 * FlashAttention does (Dao et al., arXiv 2205.14135).
 *
 * <p>Logits are kept times log2 e, folded into the queries, so that the exponential is a power of
 * two. A panel holds queries of one sequence from its first on, and keys come in order: what else
 * is in the batch changes no bit.
 */
final class FusedAttention implements WorkerPool.Task {
    private static final int PANEL = Lanes.PANEL;
    private static final int TILE = Lanes.TILE;
    private static final int LENGTH = Lanes.LENGTH;
    private static final float[] NONE = {};
    private static final double LOG2_E = 1 / Math.log(2);

    private final AttentionSpec spec;
    private final WorkerPool pool;
    private final PackedHeads packed;
    private final ScoreBlock[] scratch;
    private final ScorePass[] wholePasses;
    private final ScorePass[] cutPasses;
    private final ScorePass rescale = new ScorePass.Rescale();
    private final boolean sigmoid;
    private final float queryFactor;
    private final float distanceFactor;

    /** The sigmoid's {@code -b log2 e}, by the number of keys seen. */
    private float[] offsetOf = {0};

    private RaggedBatch queries = RaggedBatch.ofLengths();
    private RaggedBatch keys = RaggedBatch.ofLengths();
    private HeadRows q = new HeadRows(false);
    private HeadRows out = q;

    /** Panels of queries before each sequence. */
    private int[] panelsBefore = {0};

    FusedAttention(AttentionSpec spec, WorkerPool pool) {
        this.spec = spec;
        this.pool = pool;
        this.packed = new PackedHeads(spec, pool);
        this.scratch = new ScoreBlock[pool.threads()];
        for (int i = 0; i < scratch.length; i++) {
            scratch[i] = new ScoreBlock(spec.headDim());
        }
        this.wholePasses = ScorePass.of(spec, false);
        this.cutPasses = ScorePass.of(spec, true);
        this.sigmoid =
                switch (spec) {
                    case SigmoidAttention is -> true;
                    case SoftmaxAttention not -> false;
                };
        double sign = sigmoid ? -1 : 1;
        this.queryFactor = (float) (sign * spec.scale() * LOG2_E);
        this.distanceFactor = (float) (-sign * LOG2_E);
    }

    void run(
            RaggedBatch queries,
            RaggedBatch keys,
            HeadRows q,
            HeadRows k,
            HeadRows v,
            HeadRows out) {
        this.queries = queries;
        this.keys = keys;
        this.q = q;
        this.out = out;
        fillOffsets(keys.maxLength());
        if (panelsBefore.length < queries.size() + 1) {
            panelsBefore = new int[queries.size() + 1];
        }
        for (int s = 0; s < queries.size(); s++) {
            panelsBefore[s + 1] = panelsBefore[s] + Panels.count(queries.length(s));
        }
        packed.pack(keys, k, v);
        pool.run(this, panelsBefore[queries.size()] * spec.heads());
    }

    private void fillOffsets(int most) {
        int known = offsetOf.length;
        if (known > most || !(spec instanceof SigmoidAttention attention)) {
            return;
        }
        offsetOf = Arrays.copyOf(offsetOf, most + 1);
        for (int n = Math.max(1, known); n <= most; n++) {
            offsetOf[n] =
                    switch (attention.bias()) {
                        case Bias.Fixed fixed -> (float) (-fixed.value() * LOG2_E);
                        case Bias.NegativeLogN none -> (float) (Math.log(n) * LOG2_E);
                    };
        }
    }

    @Override
    public void run(int index, int worker) {
        int sequence = sequenceOf(index / spec.heads());
        int panels = panelsBefore[sequence + 1] - panelsBefore[sequence];
        int local = index - panelsBefore[sequence] * spec.heads();
        attend(sequence, local / panels, local % panels * PANEL, scratch[worker]);
    }

    private int sequenceOf(int panel) {
        int low = 0;
        int high = queries.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (panelsBefore[middle + 1] <= panel) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private void attend(int sequence, int head, int first, ScoreBlock s) {
        int count = Math.min(PANEL, queries.length(sequence) - first);
        int length = keys.length(sequence);
        boolean narrow = count <= LENGTH;
        int halves = narrow ? 1 : 2;
        loadQueries(queries.offset(sequence) + first, head, count, s.queries);
        for (int lane = 0; lane < halves * LENGTH; lane++) {
            int query = first + Math.min(lane, count - 1);
            int begin = Math.min(spec.mask().firstKey(query), length);
            int end = Math.max(begin, spec.mask().endKey(query, length));
            s.positions[lane] = query;
            s.begins[lane] = begin;
            s.ends[lane] = end;
            s.offsets[lane] = sigmoid ? offsetOf[end - begin] : 0;
            s.maxima[lane] = ScoreBlock.LOWEST;
            s.totals[lane] = 0;
        }
        int begin = s.begins[0] / TILE * TILE;
        int end = s.ends[halves * LENGTH - 1];
        s.slope = spec.alibi() ? AttentionSpec.alibiSlope(head, spec.heads()) * distanceFactor : 0;
        for (int key = begin; key < end; key += ScoreBlock.KEYS) {
            s.key = key;
            s.rows = Math.min(ScoreBlock.KEYS, end - key);
            boolean cut = key < s.begins[halves * LENGTH - 1] || key + s.rows > s.ends[0];
            logits(sequence, head, narrow, s);
            for (ScorePass pass : cut ? cutPasses : wholePasses) {
                for (int half = 0; half < halves; half++) {
                    pass.apply(s, half);
                }
            }
            weigh(sequence, head, key > begin, narrow, s);
        }
        if (end <= begin) {
            Arrays.fill(s.sums, 0);
        } else if (!sigmoid) {
            normalize(halves, s);
        }
        storeResult(queries.offset(sequence) + first, head, count, s.sums);
    }

    private void logits(int sequence, int head, boolean narrow, ScoreBlock s) {
        int from = packed.keysAt(sequence, head) + s.key * spec.headDim();
        for (int tile = 0; tile < Lanes.blocks(s.rows, TILE); tile++) {
            Tiles.multiply(
                    packed.keys(),
                    from + tile * spec.headDim() * TILE,
                    s.queries,
                    0,
                    spec.headDim(),
                    s.zeros,
                    0,
                    NONE,
                    0,
                    s.scores,
                    tile * TILE * PANEL,
                    TILE,
                    narrow);
        }
    }

    private void weigh(int sequence, int head, boolean add, boolean narrow, ScoreBlock s) {
        int length = keys.length(sequence);
        int from = packed.valuesAt(sequence, head) + s.key * TILE;
        for (int tile = 0; tile < Lanes.blocks(spec.headDim(), TILE); tile++) {
            Tiles.multiply(
                    packed.values(),
                    from + tile * length * TILE,
                    s.scores,
                    0,
                    s.rows,
                    s.zeros,
                    0,
                    add ? s.sums : NONE,
                    tile * TILE * PANEL,
                    s.sums,
                    tile * TILE * PANEL,
                    TILE,
                    narrow);
        }
    }

    private void normalize(int halves, ScoreBlock s) {
        for (int lane = 0; lane < halves * LENGTH; lane++) {
            s.factors[lane] = s.totals[lane] == 0 ? 0 : 1 / s.totals[lane];
        }
        for (int half = 0; half < halves; half++) {
            rescale.apply(s, half);
        }
    }

    private void loadQueries(int row, int head, int count, float[] query) {
        int headDim = spec.headDim();
        if (q.isPanel(row)) {
            int from = q.at(row, head * headDim);
            for (int i = 0; i < headDim * PANEL; i++) {
                query[i] = q.array()[from + i] * queryFactor;
            }
            return;
        }
        int step = q.step();
        for (int lane = 0; lane < PANEL; lane++) {
            int from = q.at(row + Math.min(lane, count - 1), head * headDim);
            for (int d = 0; d < headDim; d++) {
                query[d * PANEL + lane] = q.array()[from + d * step] * queryFactor;
            }
        }
    }

    private void storeResult(int row, int head, int count, float[] sums) {
        int headDim = spec.headDim();
        if (count == PANEL && out.isPanel(row)) {
            int to = out.at(row, head * headDim);
            System.arraycopy(sums, 0, out.array(), to, headDim * PANEL);
            return;
        }
        int step = out.step();
        for (int lane = 0; lane < count; lane++) {
            int to = out.at(row + lane, head * headDim);
            for (int d = 0; d < headDim; d++) {
                out.array()[to + d * step] = sums[d * PANEL + lane];
            }
        }
    }
}
