package org.flinksigmoid.kernels.internal.tornado.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.attention.Bias;
import org.flinksigmoid.kernels.attention.Mask;
import org.flinksigmoid.kernels.attention.SigmoidAttention;
import org.flinksigmoid.kernels.tensor.RaggedBatch;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the kernel compiles to, with the driver of {@code src/gpu-test/c} in the real one's place:
 * it writes every cubin into the folder that {@code FAKE_CUDA_DUMP} names.
 */
@Tag("codegen")
class TileAttentionCodeTest {
    /**
     * Loop invariants that may be read back from the stack once a tile; measured to cost nothing.
     */
    private static final int SPILLED_BYTES = 32;

    /** The same for the one kernel that has more: masked, fp16, 128 wide. */
    private static final int MOST_SPILLED_BYTES = 40;

    /** What threads may start with, by the groups that compute: those take more from the loader. */
    private static final Map<Integer, Integer> REGISTERS = Map.of(2, 168, 3, 128, 4, 96);

    @ParameterizedTest
    @CsvSource({
        "32,false,false,256,128",
        "32,true,false,4096,128",
        "64,false,false,256,168",
        "64,false,false,512,255",
        "64,false,false,4096,255",
        "64,true,false,4096,255",
        "64,false,true,4096,255",
        "96,false,false,4096,255",
        "96,true,true,4096,255",
        "128,false,false,4096,255",
        "128,true,true,4096,255",
        "128,false,true,4096,255"
    })
    void registersSufficeForTheBlocksAnSmShallHold(
            int width, boolean bfloat, boolean causal, int keys, int registers) throws Exception {
        TornadoEngineFactory.device(0).awaitBackground();
        Path folder = Path.of(System.getenv("FAKE_CUDA_DUMP"));
        List<Path> before = cubins(folder);
        var mask = new Mask(causal, Mask.UNLIMITED);
        var spec = new SigmoidAttention(1, width, 0.1f, new Bias.NegativeLogN(), mask, false);
        var lengths = RaggedBatch.ofLengths(300);
        new AttentionRun(
                        spec,
                        bfloat,
                        lengths,
                        lengths,
                        AttentionRun.Data.NORMAL,
                        AttentionRun.variant(spec, bfloat, keys).onWarps())
                .check(0);
        Cubin cubin = onlyNew(folder, before);
        assertThat(cubin.registers()).isBetween(64, registers);
        assertThat(cubin.stackBytes())
                .isLessThanOrEqualTo(
                        width == 128 && causal && !bfloat ? MOST_SPILLED_BYTES : SPILLED_BYTES);
    }

    @ParameterizedTest
    @CsvSource({
        "64,false,false,2147483647,false,100",
        "64,false,false,2147483647,false,1200",
        "64,false,false,2147483647,false,300",
        "64,false,false,2147483647,true,300",
        "64,false,false,2147483647,false,3000",
        "64,true,false,2147483647,false,300",
        "64,true,false,2147483647,false,3000",
        "64,true,false,2147483647,true,3000",
        "64,true,false,256,true,300",
        "64,false,true,2147483647,false,300",
        "64,false,true,2147483647,false,3000",
        "64,true,true,256,true,300",
        "96,false,false,2147483647,false,200",
        "96,false,false,2147483647,false,300",
        "96,true,false,256,true,300",
        "128,false,false,2147483647,false,300",
        "128,true,false,2147483647,false,300",
        "128,false,true,256,true,300"
    })
    void warpgroupsStayInTheirRegistersAndProductsOverlap(
            int width, boolean bfloat, boolean causal, int window, boolean alibi, int n)
            throws Exception {
        TornadoEngineFactory.device(0).awaitBackground();
        Path folder = Path.of(System.getenv("FAKE_CUDA_DUMP"));
        List<Path> before = cubins(folder);
        var mask = new Mask(causal, window);
        var spec = new SigmoidAttention(3, width, 0.1f, new Bias.Fixed(-1), mask, alibi);
        AttentionRun.of(spec, bfloat, RaggedBatch.ofLengths(n), AttentionRun.Data.NORMAL).check(0);
        Cubin cubin = onlyNew(folder, before);
        int groups = AttentionRun.variant(spec, bfloat, n).shape().groups();
        assertThat(cubin.registers()).isEqualTo(REGISTERS.get(groups));
        assertThat(cubin.stackBytes()).isLessThanOrEqualTo(groups == 2 ? 0 : SPILLED_BYTES);
        // Of a tile, and of an item's last sums at three places; 16 where products run one by one.
        assertThat(cubin.fences()).isLessThanOrEqualTo(4);
    }

    private static Cubin onlyNew(Path folder, List<Path> before) throws Exception {
        List<Path> made = cubins(folder);
        made.removeAll(before);
        assertThat(made).hasSize(1);
        return Cubin.read(made.getFirst());
    }

    private static List<Path> cubins(Path folder) throws Exception {
        try (Stream<Path> files = Files.list(folder)) {
            return new java.util.ArrayList<>(
                    files.filter(file -> file.toString().endsWith(".cubin")).toList());
        }
    }
}
