package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.internal.tornado.kernels.TileAttention;
import org.flinksigmoid.kernels.internal.tornado.kernels.WarpgroupAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("codegen")
class WorkItemsTest {
    private static final int PIECE = WarpgroupAttention.ROWS;
    private static final RaggedBatch QUERIES =
            RaggedBatch.ofLengths(1, 64, 65, 0, 191, 192, 193, 256, 1024, 1025, 3);
    private static final RaggedBatch KEYS =
            RaggedBatch.ofLengths(5, 64, 0, 9, 2000, 192, 193, 256, 1024, 1025, 3);

    @ParameterizedTest
    @CsvSource({
        "128,false,2147483647",
        "192,false,2147483647",
        "192,true,2147483647",
        "192,false,256"
    })
    void everyQueryIsInOneItem(int rows, boolean causal, int window) {
        int[] items = items(rows, new Mask(causal, window));
        int[] times = new int[QUERIES.rows()];
        for (int i = 1; i <= items[0]; i++) {
            int at = i * TileAttention.ITEM;
            int sequence = sequence(items[at]);
            assertThat(items[at + 1]).isBetween(1, rows);
            assertThat(items[at + 2]).isEqualTo(items[at] - QUERIES.offset(sequence));
            assertThat(items[at + 2] % PIECE).isZero();
            assertThat(items[at + 3]).isEqualTo(KEYS.offset(sequence));
            assertThat(items[at + 4]).isEqualTo(KEYS.length(sequence));
            for (int q = items[at]; q < items[at] + items[at + 1]; q++) {
                times[q]++;
            }
        }
        assertThat(times).containsOnly(1);
        assertThat(items[3]).isEqualTo(2);
        assertThat(Arrays.copyOfRange(items, (1 + items[0]) * TileAttention.ITEM, items.length))
                .containsOnly(0);
    }

    @Test
    void itemsOfOneSequenceDifferByOnePieceAtMostAndLongOnesComeFirst() {
        int[] items = items(192, Mask.NONE);
        int[] pieces = new int[items[0]];
        int count = 0;
        for (int i = 1; i <= items[0]; i++) {
            int at = i * TileAttention.ITEM;
            if (sequence(items[at]) == 8) { // 1024 queries: 16 pieces
                pieces[count++] = items[at + 1] / PIECE;
            }
        }
        assertThat(Arrays.copyOf(pieces, count)).containsExactly(3, 3, 3, 3, 2, 2);
    }

    @Test
    void itemsOfFewerQueriesAreThoseThatSeeFewerKeysUnderACausalMask() {
        RaggedBatch batch = RaggedBatch.ofLengths(1024);
        int[] items =
                new WorkItems(
                                new Mask(true, Mask.UNLIMITED),
                                WorkItems.most(batch),
                                192,
                                1 << 20,
                                0)
                        .of(batch, batch, 1);
        int[] pieces = new int[items[0]];
        for (int i = 0; i < pieces.length; i++) { // the last ones of the sequence come first
            pieces[i] = items[(1 + i) * TileAttention.ITEM + 1] / PIECE;
        }
        assertThat(pieces).containsExactly(3, 3, 3, 3, 2, 2);
        assertThat(items[(1 + 5) * TileAttention.ITEM + 2]).isZero();
        assertThat(items[(1 + 4) * TileAttention.ITEM + 2]).isEqualTo(128);
    }

    /** On 132 blocks. */
    @ParameterizedTest
    @CsvSource({
        "1,8,1024,192,64", // 48 full items, 128 of a piece
        "1,16,1024,192,128", // 96; 128 of two pieces; 256 of one would take two rounds
        "4,8,256,256,64",
        "1,8,4096,192,128", // 176 in two rounds; 256 of two pieces, too, which end earlier
        "1,1,64,128,128", // one item either way
        "16,16,1024,192,192" // 11.6 items a block
    })
    void fewItemsAreMadeSmaller(int sequences, int heads, int length, int most, int rows) {
        int[] lengths = new int[sequences];
        Arrays.fill(lengths, length);
        RaggedBatch batch = RaggedBatch.ofLengths(lengths);
        assertThat(WorkItems.rows(Mask.NONE, batch, batch, heads, most, 132)).isEqualTo(rows);
    }

    @Test
    void aBlockWithAShortFirstItemHasALongSecondOne() {
        RaggedBatch queries = RaggedBatch.ofLengths(1, 1, 1, 1, 1, 1, 1, 1);
        RaggedBatch keys = RaggedBatch.ofLengths(3, 8, 1, 6, 4, 2, 7, 5);
        int[] items = new WorkItems(Mask.NONE, 8, 128, 1 << 20, 4).of(queries, keys, 1);
        int[] lengths = new int[items[0]];
        Arrays.setAll(lengths, i -> items[(1 + i) * TileAttention.ITEM + 4]);
        assertThat(lengths).containsExactly(5, 6, 7, 8, 4, 3, 2, 1);
    }

    @Test
    void moreThanTheCapacityAreRefused() {
        var items = new WorkItems(Mask.NONE, WorkItems.most(QUERIES) - 4, 128, 1 << 20, 0);
        assertThatThrownBy(() -> items.of(QUERIES, KEYS, 2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected up to");
    }

    /** 132 blocks that take items as the kernel does, two ahead of the one that they work on. */
    @ParameterizedTest
    @CsvSource({"64,4096", "256,1024"})
    void blocksEndTogetherUnderACausalMask(int sequences, int length) {
        int[] lengths = new int[sequences];
        Arrays.fill(lengths, length);
        RaggedBatch batch = RaggedBatch.ofLengths(lengths);
        int blocks = 132;
        Mask mask = new Mask(true, Mask.UNLIMITED);
        int[] items =
                new WorkItems(mask, WorkItems.most(batch), 192, 1 << 16, blocks)
                        .of(batch, batch, 1);
        int taken = 2 * blocks;
        double all = 0;
        double last = 0;
        List<Deque<Integer>> announced = new ArrayList<>();
        PriorityQueue<double[]> free = new PriorityQueue<>(Comparator.comparing(b -> b[0]));
        for (int b = 0; b < blocks; b++) {
            announced.add(new ArrayDeque<>(List.of(b, b + blocks)));
            free.add(new double[] {0, b});
        }
        while (!free.isEmpty()) {
            double[] block = free.remove();
            Deque<Integer> its = announced.get((int) block[1]);
            int item = its.removeFirst();
            its.add(taken++);
            if (item < items[0]) {
                int at = (1 + item) * TileAttention.ITEM;
                double time = 0;
                for (int q = 0; q < items[at + 1]; q += PIECE) {
                    time += items[at + 2] + q + PIECE;
                }
                all += time;
                last = Math.max(last, block[0] + time);
                free.add(new double[] {block[0] + time, block[1]});
            }
        }
        assertThat(last).isLessThan(1.05 * all / blocks);
    }

    private static int[] items(int rows, Mask mask) {
        return new WorkItems(mask, WorkItems.most(QUERIES) + 3, rows, 1 << 20, 0)
                .of(QUERIES, KEYS, 2);
    }

    private static int sequence(int row) {
        int s = 0;
        while (row >= QUERIES.offset(s + 1)) {
            s++;
        }
        return s;
    }
}
