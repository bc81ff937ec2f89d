package org.flinksigmoid.kernels.internal.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LayerSharesTest {
    @Test
    void everyTileIsInOneShareAndNoShareCrossesChunks() {
        Random random = new Random(1);
        for (int round = 0; round < 2000; round++) {
            int threads = 1 + random.nextInt(6);
            int chunks = random.nextInt(9);
            int tiles = 1 + random.nextInt(200);
            LayerShares shares = new LayerShares(threads);
            shares.cut(chunks, tiles, 1 + random.nextInt(3), random.nextBoolean());
            int at = 0;
            for (int i = 0; i < shares.count(); i++) {
                assertThat(shares.chunk(i) * tiles + shares.firstTile(i)).isEqualTo(at);
                assertThat(shares.tiles(i)).isPositive();
                assertThat(shares.firstTile(i) + shares.tiles(i)).isLessThanOrEqualTo(tiles);
                at += shares.tiles(i);
            }
            assertThat(at).isEqualTo(chunks * tiles);
            assertThat(shares.parts()).startsWith(0).endsWith(shares.count()).isSorted();
        }
    }

    @Test
    void threadsKeepTheirOwnChunks() {
        LayerShares shares = new LayerShares(2);
        shares.cut(4, 43, 3, true);
        assertThat(shares.chunk(shares.parts()[1])).isEqualTo(2);
        assertThat(shares.firstTile(shares.parts()[1])).isZero();
    }

    @Test
    void threadsEndTogetherHoweverFastEachIs() {
        int tiles = 128;
        for (boolean byChunks : new boolean[] {false, true}) {
            for (double speed : new double[] {1, 0.9, 0.7, 0.5}) {
                LayerShares shares = new LayerShares(2);
                shares.cut(byChunks ? 2 : 1, tiles, 3, byChunks);
                double all = (byChunks ? 2 : 1) * tiles;
                double idle = finish(shares, speed) * (1 + speed) / all - 1;
                assertThat(idle).as("speed %s, %s", speed, byChunks).isLessThan(0.07);
            }
        }
    }

    /**
     * When two threads end that take shares as a {@link WorkerPool} deals them, a tile a second.
     */
    private static double finish(LayerShares shares, double speedOfTheSecond) {
        int[] parts = shares.parts();
        int[] next = {parts[0], parts[1]};
        double[] time = new double[2];
        for (int i = 0; i < shares.count(); i++) {
            int thread = time[0] <= time[1] ? 0 : 1;
            int part = next[thread] < parts[thread + 1] ? thread : 1 - thread;
            time[thread] += shares.tiles(next[part]++) / (thread == 0 ? 1 : speedOfTheSecond);
        }
        return Math.max(time[0], time[1]);
    }
}
