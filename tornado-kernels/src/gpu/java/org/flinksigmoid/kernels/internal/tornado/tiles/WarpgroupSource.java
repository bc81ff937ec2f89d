package org.flinksigmoid.kernels.internal.tornado.tiles;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The CUDA text behind each method of {@link WarpgroupTile}, operands in the method's order.
 *
 * <p>Of a warpgroup's result, warp w of it holds rows 16 w and on, each 8 columns of them as {@code
 * mma.m16n8k16} leaves them: see {@link TileSource}. Numbers of a matrix descriptor are in units of
 * 16 bytes (PTX ISA, "Matrix Descriptor Format").
 */
final class WarpgroupSource {
    private WarpgroupSource() {}

    /** Where chunk c of row r of a tile of $R rows lies in it. */
    private static final String CHUNK =
            "((($W)&63)==0 ? (c >> 3)*(($R)*128) + r*128 + (((c & 7) ^ (r & 7)) << 4)"
                    + " : (c >> 2)*(($R)*64) + r*64 + (((c & 3) ^ ((r >> 1) & 3)) << 4))";

    static final String MEMORY =
            """
            extern __shared__ __align__(1024) unsigned char dynamic_memory[];
            $r = ((unsigned)__cvta_generic_to_shared(dynamic_memory) + 1023u) & ~1023u;\
            """;

    static final String GROUP = "$r = __shfl_sync(0xffffffffu, threadIdx.x >> 7, 0);";
    static final String BLOCKS = "$r = gridDim.x;";

    static final String TAKE = "$r = (int)atomicAdd((unsigned*)((char*)$0 + 16) + 1, 1u);";

    static final String LEAVE =
            """
            { unsigned* n = (unsigned*)((char*)$0 + 16); __threadfence();
            if (atomicAdd(n + 2, 1u) == gridDim.x - 1u) { n[1] = 0u; n[2] = 0u; } }\
            """;

    /** Where an announced item is. */
    private static final String ITEM_AT = "($0) + 320 + 32*(($1) & 15)";

    /** Its barrier. */
    private static final String ITEM_BARRIER = "($0) + 192 + 8*(($1) & 15)";

    /** The item's barrier counts two: what was copied, and what was stored. */
    static final String ANNOUNCE =
            """
            { const unsigned at = %s;
            if (($4) >= 0) {
            #pragma unroll
            for (int i = 0; i < 5; i++) asm volatile("cp.async.ca.shared.global [%%0], [%%1], 4;" :: "r"(at + 4*i), "l"((const char*)$2 + 16 + 4ll*(($3) + i)) : "memory"); }
            asm volatile("st.shared.b32 [%%0], %%1;" :: "r"(at + 20), "r"($4) : "memory");
            asm volatile("cp.async.mbarrier.arrive.noinc.shared::cta.b64 [%%0]; mbarrier.arrive.shared::cta.b64 _, [%%0];" :: "r"(%s) : "memory"); }\
            """
                    .formatted(ITEM_AT, ITEM_BARRIER);

    static final String ITEM =
            "asm volatile(\"ld.shared.b32 %0, [%1];\" : \"=r\"($r) : \"r\"("
                    + ITEM_AT
                    + " + 4*($2)) : \"memory\");";

    static final String MAKE_BARRIERS =
            """
            if (threadIdx.x == 0) {
            #pragma unroll
            for (int s = 0; s < 12; s++) { asm volatile("mbarrier.init.shared::cta.b64 [%0], 1;" :: "r"(($0) + 8*s) : "memory"); asm volatile("mbarrier.init.shared::cta.b64 [%0], %1;" :: "r"(($0) + 96 + 8*s), "r"($1) : "memory"); }
            #pragma unroll
            for (int s = 0; s < 16; s++) asm volatile("mbarrier.init.shared::cta.b64 [%0], 2;" :: "r"(($0) + 192 + 8*s) : "memory");
            asm volatile("fence.mbarrier_init.release.cluster; fence.proxy.async.shared::cta;" ::: "memory"); }
            __syncthreads();\
            """;

    static final String GIVE_REGISTERS = "asm volatile(\"setmaxnreg.dec.sync.aligned.u32 24;\");";
    static final String TAKE_REGISTERS =
            "asm volatile(\"setmaxnreg.inc.sync.aligned.u32 %0;\" :: \"n\"($0));";

    private static final String WAIT =
            "asm volatile(\"{ .reg .pred p; again: mbarrier.try_wait.parity.shared::cta.b64 p,"
                    + " [%0], %1; @!p bra again; }\" :: \"r\"($B), \"r\"($P) : \"memory\");";

    private static final String COPY =
            "asm volatile(\"cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier"
                    + "::complete_tx::bytes [%0], [%1, {%2, %3, %4}], [%5];\" :: \"r\"($T),"
                    + " \"l\"((const char*)$3 + 16 + ($M)), \"r\"(0), \"r\"($4), \"r\"($5),"
                    + " \"r\"($1) : \"memory\");";

    static final String ACQUIRE =
            """
            asm volatile("fence.proxy.tensormap::generic.acquire.sys [%0], 128;" :: "l"((const char*)$0 + 16) : "memory");
            asm volatile("fence.proxy.tensormap::generic.acquire.sys [%0], 128;" :: "l"((const char*)$0 + 144) : "memory");\
            """;

    static final String FILL =
            WAIT.replace("$B", "($1) + 96").replace("$P", "(($2) & 1) ^ 1")
                    + """

                    asm volatile("mbarrier.arrive.expect_tx.shared::cta.b64 _, [%0], %1;" :: "r"($1), "r"(4*($6)*($7)) : "memory");
                    """
                    + COPY.replace("$T", "$0").replace("$M", "0")
                    + "\n"
                    + COPY.replace("$T", "($0) + 2*($6)*($7)").replace("$M", "128");

    static final String AWAIT_ITEM =
            WAIT.replace("$B", ITEM_BARRIER).replace("$P", "(($1) >> 4) & 1");

    static final String AWAIT_FULL = WAIT.replace("$B", "$0").replace("$P", "($1) & 1");

    static final String FULL =
            """
            { int full; asm volatile("{ .reg .pred p; mbarrier.test_wait.parity.shared::cta.b64 p, [%1], %2; selp.b32 %0, 1, 0, p; }" : "=r"(full) : "r"($0), "r"(($1) & 1) : "memory");
            $r = __all_sync(0xffffffffu, full); }\
            """;

    static final String RELEASE =
            "if ((threadIdx.x & 31u) == 0) asm volatile(\"mbarrier.arrive.shared::cta.b64 _,"
                    + " [%0];\" :: \"r\"(($0) + 96) : \"memory\");";

    private static final String GROUP_BARRIER =
            "asm volatile(\"bar.sync %0, 128;\" :: \"r\"(1 + (threadIdx.x >> 7)) : \"memory\");";

    static final String ZERO_ROWS =
            rows(
                            """
                            #pragma unroll 1
                            for (int i = ($1)*(($W)/8) + (int)(threadIdx.x & 127u); i < ($2)*(($W)/8); i += 128) { const int r = i / (($W)/8), c = i % (($W)/8); const unsigned at = ($0) + $C;
                            asm volatile("st.shared.v4.b32 [%0], {%1,%1,%1,%1};" :: "r"(at), "r"(0) : "memory");
                            asm volatile("st.shared.v4.b32 [%0], {%1,%1,%1,%1};" :: "r"(at + 2*($2)*($W)), "r"(0) : "memory"); }
                            asm volatile("fence.proxy.async.shared::cta;" ::: "memory");
                            """,
                            "$3", "$2")
                    + GROUP_BARRIER;

    static final String COPY_ROWS =
            rows(
                    """
                    #pragma unroll
                    for (int j = 0; j < ($W)/16; j++) { const int i = j*32 + (int)(threadIdx.x & 31u), r = (int)((threadIdx.x & 96u) >> 1) + i / (($W)/8), c = i % (($W)/8);
                    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(($0) + $C), "l"((const char*)$1 + 16 + 2ll*(r < ($4) ? ($2) + r*($3) + c*8 : 0)), "r"(r < ($4) ? 16 : 0)); }
                    asm volatile("cp.async.commit_group;" ::: "memory");\
                    """,
                    "$5", "64");

    static final String MEET =
            "asm volatile(\"cp.async.wait_group 0;\" ::: \"memory\"); __syncwarp();";

    /** The factor as in {@link TileSource#LOAD}. */
    static final String LOAD =
            rows(
                    """
                    { unsigned high, low; const unsigned l = threadIdx.x & 31u; const int r = (int)((threadIdx.x & 96u) >> 1) + (int)(l & 15u);
                    asm("{ .reg .b16 h; .reg .f32 x; cvt.rn.f16.f32 h,%2; mov.b32 %0,{h,h}; cvt.f32.f16 x,h; sub.f32 x,%2,x; cvt.rn.f16.f32 h,x; mov.b32 %1,{h,h}; }" : "=r"(high), "=r"(low) : "f"($3));
                    #pragma unroll
                    for (int k = 0; k < ($W)/16; k++) { const int c = 2*k + (int)(l >> 4); unsigned* b = $0 + k*4;
                    asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];" : "=r"(b[0]), "=r"(b[1]), "=r"(b[2]), "=r"(b[3]) : "r"(($1) + $C));
                    #pragma unroll
                    for (int j = 0; j < 4; j++) { if ($4) asm("{ .reg .b16 a,b; .reg .f32 x,y; mov.b32 {a,b}, %0; cvt.f32.bf16 x,a; cvt.f32.bf16 y,b; mul.f32 x,x,%1; mul.f32 y,y,%1; cvt.rn.bf16x2.f32 %0,y,x; }" : "+r"(b[j]) : "f"($3));
                    else asm("{ .reg .b32 t; mul.rn.f16x2 t,%0,%2; fma.rn.f16x2 %0,%0,%1,t; }" : "+r"(b[j]) : "r"(high), "r"(low)); } } }\
                    """,
                    "$2", "64");

    static final String QUERY = "unsigned $r[($0)/4];";
    static final String ACCUMULATOR = "float $r[($0)/2];";
    static final String PROBABILITIES = "unsigned $r[($0)/4];";

    static final String ZERO =
            """
            #pragma unroll
            for (int i = 0; i < ($1)/2; i++) asm volatile("mov.f32 %0, 0f00000000;" : "=f"($0[i]));\
            """;

    static final String ROW_FACTORS =
            """
            #pragma unroll
            for (int m = 0; m < 2; m++) { const int i = ($1) + (int)((threadIdx.x & 96u) >> 1) + (int)((threadIdx.x & 31u) >> 2) + m*8; int count = ($2);
            if (($3) != 0 || ($4) != 2147483647) { const long long far = (long long)i + ($4) + 1; const int end = ($3) ? min(i + 1, ($2)) : (int)min(far, (long long)($2)); count = end - (($4) == 2147483647 ? 0 : max(0, i - ($4))); }
            $0[m] = ($6) ? ($5)*(float)max(1, count) : ($5); }\
            """;

    static final String BEGIN = "asm volatile(\"wgmma.fence.sync.aligned;\" ::: \"memory\");";

    static final String AWAIT =
            "asm volatile(\"wgmma.wait_group.sync.aligned %0;\" :: \"n\"($0) : \"memory\");";

    /** A score's query less its key, but for what is known where it is compiled. */
    private static final String DISTANCE =
            "const int d = ($1) + (int)((threadIdx.x & 96u) >> 1) + (int)((threadIdx.x & 31u) >> 2)"
                    + " - ($2) - (int)(threadIdx.x & 3u)*2;";

    /** What is known: of the i-th score of a thread, key less query. */
    private static final String OFFSET = "const int o = (i >> 2)*8 + (i & 1) - ((i >> 1) & 1)*8;";

    static final String ALIBI =
            """
            { $D
            const float x = (float)d;
            #pragma unroll
            for (int i = 0; i < ($4)/2; i++) { $O $0[i] = fmaf(($3), fabsf(x - (float)o), $0[i]); } }\
            """
                    .replace("$D", DISTANCE)
                    .replace("$O", OFFSET);

    static final String HIDE =
            """
            { $D const bool wide = ($4) == 2147483647; const int behind = wide ? 0 : ($4), ahead = ($3) ? 0 : behind;
            const int left = ($6) - ($2) - (int)(threadIdx.x & 3u)*2;
            #pragma unroll
            for (int i = 0; i < ($5)/2; i++) { $O
            if (wide && !($3)) $0[i] = (i >> 2)*8 + (i & 1) < left ? $0[i] : 0.0f;
            else $0[i] = (wide && !($3) || d >= o - ahead) && (wide || d <= o + behind) ? $0[i] : 0.0f; } }\
            """
                    .replace("$D", DISTANCE)
                    .replace("$O", OFFSET);

    /**
     * With h = 2^-31 and x = min(1, h + h c 2^s), 1/(1 + c 2^s) is h/x, and one reciprocal of the
     * product of four x, at least 2^-124, serves all four. The minimum comes with the multiply-add.
     */
    static final String SIGMOID =
            """
            { const float h = 1.0f/2147483648.0f, f = $1[0]*h, g = $1[1]*h, scale = (float)(1 << ($2))*h;
            #pragma unroll
            for (int i = 0; i < ($3)/2; i += 4) { float x[4];
            #pragma unroll
            for (int j = 0; j < 4; j++) { x[j] = $0[i + j]; asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(x[j])); }
            #pragma unroll
            for (int j = 0; j < 4; j++) asm volatile("fma.rn.sat.f32 %0, %0, %1, %2;" : "+f"(x[j]) : "f"(j < 2 ? f : g), "f"(h));
            const float y = x[0]*x[1], z = x[2]*x[3]; float r = y*z;
            asm volatile("rcp.approx.ftz.f32 %0, %0;" : "+f"(r));
            r *= scale; const float u = r*z, w = r*y;
            $0[i] = u*x[1]; $0[i + 1] = u*x[0]; $0[i + 2] = w*x[3]; $0[i + 3] = w*x[2]; } }\
            """;

    static final String ROUND =
            """
            #pragma unroll
            for (int i = 0; i < ($2)/4; i++) { if ($3) asm volatile("cvt.rn.bf16x2.f32 %0, %2, %1;" : "=r"($0[i]) : "f"($1[2*i]), "f"($1[2*i + 1]));
            else asm volatile("cvt.rn.f16x2.f32 %0, %2, %1;" : "=r"($0[i]) : "f"($1[2*i]), "f"($1[2*i + 1])); }\
            """;

    static final String STORE =
            rows(
                    """
                    { const unsigned l = threadIdx.x & 31u; { const int r = (int)((threadIdx.x & 96u) >> 1) + (int)(l & 15u);
                    #pragma unroll
                    for (int n = 0; n < ($W)/16; n++) { const float* C = $0 + n*8; unsigned v[4]; const int c = 2*n + (int)(l >> 4);
                    #pragma unroll
                    for (int j = 0; j < 4; j++) { if ($8) asm volatile("cvt.rn.bf16x2.f32 %0, %2, %1;" : "=r"(v[j]) : "f"(C[j*2]*($1)), "f"(C[j*2 + 1]*($1)));
                    else asm volatile("cvt.rn.f16x2.f32 %0, %2, %1;" : "=r"(v[j]) : "f"(C[j*2]*($1)), "f"(C[j*2 + 1]*($1))); }
                    asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1,%2,%3,%4};" :: "r"(($2) + $C), "r"(v[0]), "r"(v[1]), "r"(v[2]), "r"(v[3]) : "memory"); } }
                    __syncwarp();
                    #pragma unroll
                    for (int i = 0; i < ($W)/16; i++) { const int at = i*32 + (int)l, r = (int)((threadIdx.x & 96u) >> 1) + at / (($W)/8), c = at % (($W)/8); uint4 v;
                    asm volatile("ld.shared.v4.b32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(($2) + $C) : "memory");
                    if (r < ($6)) *(uint4*)((char*)$3 + 16 + 2ll*(($4) + r*($5) + c*8)) = v; }
                    __syncwarp(); }\
                    """,
                    "$7", "64");

    private static String rows(String template, String width, String rows) {
        return template.replace("$C", CHUNK).replace("$R", rows).replace("$W", width);
    }

    /** {@link WarpgroupTile#multiply}; its keys are operand B as they lie, columns first. */
    static String multiply(String result, String[] operands) {
        int tile = Integer.parseInt(operands[3]);
        int width = Integer.parseInt(operands[4]);
        var text = new StringBuilder(begin(operands[2], width, 1));
        int panel = width % 64 == 0 ? 64 : 32;
        for (int k = 0; k < width; k += 16) {
            int offset = k / panel * tile * panel * 2 + k % panel * 2;
            text.append(
                    product(
                            operands[0],
                            tile,
                            operands[1] + "[%d]",
                            k / 4,
                            offset,
                            k > 0 ? "1" : "0",
                            "0",
                            operands[5]));
        }
        return text + END;
    }

    /** {@link WarpgroupTile#accumulate}; its values are operand B transposed, rows first. */
    static String accumulate(String result, String[] operands) {
        int tile = Integer.parseInt(operands[4]);
        int width = Integer.parseInt(operands[5]);
        int pitch = width % 64 == 0 ? 128 : 64;
        var text = new StringBuilder(begin(operands[2], width, tile * pitch / 16));
        for (int k = 0; k < tile; k += 16) {
            text.append(
                    product(
                            operands[0],
                            width,
                            operands[1] + "[%d]",
                            k / 4,
                            2 * tile * width + k * pitch,
                            k > 0 ? "1" : operands[3],
                            "1",
                            operands[6]));
        }
        return text + END;
    }

    private static final String END =
            "asm volatile(\"wgmma.commit_group.sync.aligned;\" ::: \"memory\"); }";

    /** Opens the text, with what all descriptors share: swizzling and the stride of eight rows. */
    private static String begin(String address, int width, int leading) {
        int pitch = width % 64 == 0 ? 128 : 64;
        int swizzle = width % 64 == 0 ? 1 : 2;
        return """
        { const unsigned low = ((unsigned)(%s) >> 4) | %du << 16; const unsigned high = %du << 30 | %du;
        """
                .formatted(address, leading, swizzle, 8 * pitch / 16);
    }

    private static String product(
            String sums,
            int columns,
            String operand,
            int first,
            int offset,
            String add,
            String transposed,
            String bfloat) {
        int count = columns / 2;
        String type = bfloat.equals("1") ? "bf16" : "f16";
        String registers = numbered("%%%d", count, 0);
        String outputs = numbered("\"+f\"(" + sums + "[%d])", count, 0);
        String inputs = numbered("\"r\"(" + operand + ")", 4, first);
        return """
        asm volatile("{ .reg .pred p; .reg .b64 d; setp.ne.b32 p, %%%d, 0; mov.b64 d, {%%%d, %%%d}; wgmma.mma_async.sync.aligned.m64n%dk16.f32.%s.%s {%s}, {%s}, d, p, 1, 1, %s; }" : %s : %s, "r"(low + %du), "r"(high), "r"(%s));
        """
                .formatted(
                        count + 6,
                        count + 4,
                        count + 5,
                        columns,
                        type,
                        type,
                        registers,
                        numbered("%%%d", 4, count),
                        transposed,
                        outputs,
                        inputs,
                        offset / 16,
                        add);
    }

    private static String numbered(String each, int count, int first) {
        return IntStream.range(first, first + count)
                .mapToObj(each::formatted)
                .collect(Collectors.joining(", "));
    }
}
