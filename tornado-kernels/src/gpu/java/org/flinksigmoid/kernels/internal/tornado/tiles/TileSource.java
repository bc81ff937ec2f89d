package org.flinksigmoid.kernels.internal.tornado.tiles;

/**
 * The CUDA text behind each method of {@link WarpTile}, operands in the method's order.
 *
 * <p>The layouts are those of {@code mma.m16n8k16} (PTX ISA, "Matrix Fragments for mma.m16n8k16"):
 * of a 16 x 8 result, thread l holds columns 2(l%4) and 2(l%4)+1 of rows l/4 and l/4+8. Two such
 * results side by side are, converted to 16 bit, operand A of the next product, so probabilities
 * never leave registers.
 */
final class TileSource {
    private TileSource() {}

    /** Bytes between an array's address and its first element. */
    private static final String HEADER = "16";

    /** Swizzle of row r of a tile $W wide: see {@link WarpTile}. */
    private static final String SWIZZLE = "((($W)&63)==0 ? ((r)&7u) : (((r)>>1)&3u))";

    /**
     * Address of the k-th pair of chunks in a thread's row, from that of the first: the swizzle
     * reaches 8 chunks (4 for widths that are no multiple of 64), beyond it chunks lie in order.
     */
    private static final String COLUMN =
            "((($W)&63)==0 ? (base ^ (($k&3) << 5)) + ($k >> 2)*128"
                    + " : (base ^ (($k&1) << 5)) + ($k >> 1)*64)";

    /** Rows that 128 threads copy at once; a multiple of the swizzle's period. */
    private static final String PASS = "(($W)==96 ? 8 : 1024/($W))";

    static final String ACCUMULATOR =
            """
            float $r[$0];
            #pragma unroll
            for (int i = 0; i < ($0); i++) $r[i] = 0.0f;\
            """;

    static final String ZERO =
            """
            #pragma unroll
            for (int i = 0; i < ($1); i++) $0[i] = 0.0f;\
            """;

    static final String SCORES = "float $r[16];";
    static final String PROBABILITIES = "unsigned $r[8];";
    static final String GUARD = "float $r[1]; $r[0] = 0.0f;";

    static final String PLACE =
            width(
                    "{ const unsigned r = ($0) / (($W)/8), c = ($0) % (($W)/8); $r = r*(2*($W)) +"
                            + " ((c ^ "
                            + SWIZZLE
                            + ") << 4); }",
                    "$1");

    static final String SOURCE = "$r = (($0) / (($1)/8))*($2) + (($0) % (($1)/8))*8;";

    /** Opaque, so that it is read again where it is used and needs no register in between. */
    static final String WARP =
            "{ unsigned w; asm volatile(\"mov.u32 %0, %%tid.x;\" : \"=r\"(w)); $r = w >> 5; }";

    static final String ROW = "$r = ($0) / (($1)/8);";

    /** Where this thread's row of an operand B made of keys lies in a slice, as ldmatrix asks. */
    static final String KEY_LANE =
            width(
                    """
                    { const unsigned l = threadIdx.x & 31u; const unsigned r = (l >> 4)*8 + (l & 7), c = ((l >> 3) & 1) ^ $S; $r = r*(2*($W)) + (c << 4); }\
                    """,
                    "$0");

    /** The same for values, which ldmatrix transposes. */
    static final String VALUE_LANE =
            width(
                    """
                    { const unsigned l = threadIdx.x & 31u; const unsigned r = ((l >> 3) & 1)*8 + (l & 7), c = (l >> 4) ^ $S; $r = r*(2*($W)) + (c << 4); }\
                    """,
                    "$0");

    static final String COPY_ROWS =
            width(
                    """
                    { unsigned to = (unsigned)__cvta_generic_to_shared($0) + ($1);
                    const char* from = (const char*)$2 + $H + 2ll*($3);
                    if (($W) != 96 || threadIdx.x < 96) {
                    #pragma unroll
                    for (int j = 0; j < ($5)/$P; j++) asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" :: "r"(to + j*$P*2*($W)), "l"(from + 2ll*j*$P*($4))); } }\
                    """,
                    "$6");

    static final String COPY_ROWS_OR_ZERO =
            width(
                    """
                    { unsigned to = (unsigned)__cvta_generic_to_shared($0) + ($1);
                    const char* from = (const char*)$2 + $H + 2ll*($3); const int left = ($7);
                    if (($W) != 96 || threadIdx.x < 96) {
                    #pragma unroll
                    for (int j = 0; j < ($5)/$P; j++) asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" :: "r"(to + j*$P*2*($W)), "l"(j*$P < left ? from + 2ll*j*$P*($4) : (const char*)$2), "r"(j*$P < left ? 16 : 0)); } }\
                    """,
                    "$6");

    /**
     * In fp16 the factor is taken as a sum of two: {@code q f = q fh + q fl}, rounded once but for
     * the small term, in two instructions for two elements.
     */
    static final String LOAD =
            width(
                    """
                    unsigned $r[($W)/2];
                    { const unsigned l = threadIdx.x & 31u; const unsigned base = (unsigned)__cvta_generic_to_shared($0) + ($1); unsigned high, low;
                    asm("{ .reg .b16 h; .reg .f32 x; cvt.rn.f16.f32 h,%2; mov.b32 %0,{h,h}; cvt.f32.f16 x,h; sub.f32 x,%2,x; cvt.rn.f16.f32 h,x; mov.b32 %1,{h,h}; }" : "=r"(high), "=r"(low) : "f"($3));
                    #pragma unroll
                    for (int m = 0; m < 2; m++) {
                    const unsigned r = m*16 + (l & 15u), c = (l >> 4) ^ $S;
                    #pragma unroll
                    for (int k = 0; k < ($W)/16; k++) { unsigned at = base + r*(2*($W)) + ((c ^ (2*k)) << 4); unsigned* b = $r + (m*(($W)/16) + k)*4;
                    """
                            + ldmatrix("")
                            + """

                            #pragma unroll
                            for (int j = 0; j < 4; j++) if (($3) != 1.0f) {
                            if ($4) asm("{ .reg .b16 a,b; .reg .f32 x,y; mov.b32 {a,b}, %0; cvt.f32.bf16 x,a; cvt.f32.bf16 y,b; mul.f32 x,x,%1; mul.f32 y,y,%1; cvt.rn.bf16x2.f32 %0,y,x; }" : "+r"(b[j]) : "f"($3));
                            else asm("{ .reg .b32 t; mul.rn.f16x2 t,%0,%2; fma.rn.f16x2 %0,%0,%1,t; }" : "+r"(b[j]) : "r"(high), "r"(low)); } } } }\
                            """,
                    "$2");

    /**
     * Four registers for each half of the warp's rows, as the product's addend wants them. They are
     * made different expressions of one value (0 l, 0 (l+1), ...): equal ones the assembler would
     * copy into place before every product, 64 moves a tile.
     */
    static final String ROW_STARTS =
            """
            float $r[8];
            { const unsigned l = threadIdx.x & 31u;
            #pragma unroll
            for (int m = 0; m < 4; m++) { const int i = ($0) + (m >> 1)*16 + (m & 1)*8 + (int)(l >> 2); int count = ($1);
            if (($2) != 0 || ($3) != 2147483647) { const long long far = (long long)i + ($3) + 1; const int end = ($2) ? min(i + 1, ($1)) : (int)min(far, (long long)($1)); count = end - (($3) == 2147483647 ? 0 : max(0, i - ($3))); }
            else if (m >= 2) { $r[m*2] = $r[m*2 - 4]; $r[m*2 + 1] = $r[m*2 - 3]; continue; }
            const float start = ($4) + ($5)*__log2f((float)max(1, count));
            $r[m*2] = fmaf((float)(l + m*2), 0.0f, start); $r[m*2 + 1] = fmaf((float)(l + m*2 + 1), 0.0f, start); } }\
            """;

    static final String MULTIPLY =
            width(
                    """
                    { const unsigned base = (unsigned)__cvta_generic_to_shared($2) + ($3);
                    #pragma unroll
                    for (int k = 0; k < ($W)/16; k++) { const unsigned at = $A(k) + ($4); unsigned b[4];
                    """
                            + ldmatrix("")
                            + """

                            #pragma unroll
                            for (int m = 0; m < 2; m++)
                            #pragma unroll
                            for (int n = 0; n < 2; n++) { const unsigned* A = $1 + (m*(($W)/16) + k)*4; float* C = $0 + (m*2 + n)*4; const unsigned B0 = b[n*2], B1 = b[n*2 + 1];
                            if (k == 0) { if ($7) {\
                            """
                            + firstProduct("bf16")
                            + " } else { "
                            + firstProduct("f16")
                            + " } } else { if ($7) { "
                            + product("bf16")
                            + " } else { "
                            + product("f16")
                            + " } } } } }",
                    "$6");

    /** Position of a score's query less its key's, but for what is known where it is compiled. */
    private static final String DISTANCE =
            "const int d = ($1) + (int)((threadIdx.x & 31u) >> 2) - ($2) - (int)(threadIdx.x &"
                    + " 3u)*2;";

    /** What is known: of the i-th score of a thread, key less query. */
    private static final String OFFSET =
            "const int o = ((i >> 2) & 1)*8 + (i & 1) - (i >> 3)*16 - ((i >> 1) & 1)*8;";

    static final String ALIBI =
            """
            { $D
            #pragma unroll
            for (int i = 0; i < 16; i++) { $O $0[i] += ($3)*(float)abs(d - o); } }\
            """
                    .replace("$D", DISTANCE)
                    .replace("$O", OFFSET);

    static final String MASK =
            """
            { $D const bool wide = ($4) == 2147483647; const int behind = wide ? 0 : ($4), ahead = ($3) ? 0 : behind;
            #pragma unroll
            for (int i = 0; i < 16; i++) { $O
            $0[i] = ((wide && !($3)) || d >= o - ahead) && (wide || d <= o + behind) ? $0[i] : ($5); } }\
            """
                    .replace("$D", DISTANCE)
                    .replace("$O", OFFSET);

    /**
     * With a = 2^s of one score and b of its neighbour, r = 1/(g (1+a)(1+b)) serves both: 1/(1+a) =
     * g r (1+b). The special function unit makes 16 results a cycle and multiprocessor, and so
     * bounds the kernel: one reciprocal for two is 5 % faster than one each.
     */
    static final String SIGMOID =
            """
            { const float g = ($3) == 0 ? 1.0f : 1.0f/(float)(1 << ($3)); float pair = 1.0f;
            #pragma unroll
            for (int i = 0; i < 16; i += 2) { float a = $1[i], b = $1[i + 1];
            if (($2) != 1.0f) { a *= ($2); b *= ($2); }
            if ($4) { a = fminf(a, 63.0f); b = fminf(b, 63.0f); }
            asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(a)); asm volatile("ex2.approx.ftz.f32 %0, %0;" : "+f"(b));
            const float c = fmaf(a, g, g); float r = fmaf(b, c, c);
            if (!($4)) { if (i & 2) $5[0] = fmaf(pair, r, $5[0]); else pair = r; }
            asm volatile("rcp.approx.ftz.f32 %0, %0;" : "+f"(r));
            const float x = fmaf(r, b, r), y = fmaf(r, a, r);
            if ($6) asm volatile("cvt.rn.bf16x2.f32 %0, %2, %1;" : "=r"($0[i/2]) : "f"(x), "f"(y));
            else asm volatile("cvt.rn.f16x2.f32 %0, %2, %1;" : "=r"($0[i/2]) : "f"(x), "f"(y)); } }\
            """;

    static final String ANY_OUT_OF_RANGE = "$r = __syncthreads_or(!($0[0] < 1.0e27f));";

    /**
     * A barrier in two halves. Each warp waits at a barrier of its own (1 + phase + warp), where
     * all four warps arrive and it alone waits: 160 threads in all.
     */
    static final String ARRIVE =
            """
            #pragma unroll
            for (int w = 1; w < 5; w++) asm volatile("bar.arrive %0, 160;" :: "r"(($0) + w) : "memory");\
            """;

    static final String AWAIT =
            """
            { unsigned w; asm volatile("mov.u32 %0, %%tid.x;" : "=r"(w)); asm volatile("bar.sync %0, 160;" :: "r"(($0) + 1 + (w >> 5)) : "memory"); }\
            """;

    static final String ACCUMULATE =
            width(
                    """
                    { const unsigned base = (unsigned)__cvta_generic_to_shared($2) + ($3);
                    #pragma unroll
                    for (int j = 0; j < ($W)/16; j++) { const unsigned at = $A(j) + ($4); unsigned b[4];
                    """
                            + ldmatrix(".trans")
                            + """

                            #pragma unroll
                            for (int m = 0; m < 2; m++)
                            #pragma unroll
                            for (int n = 0; n < 2; n++) { const unsigned* A = $1 + m*4; float* C = $0 + (m*(($W)/8) + j*2 + n)*4; const unsigned B0 = b[n*2], B1 = b[n*2 + 1];
                            if ($6) {\
                            """
                            + product("bf16")
                            + " } else { "
                            + product("f16")
                            + " } } } }",
                    "$5");

    static final String STORE =
            width(
                    """
                    { const unsigned l = threadIdx.x & 31u; const unsigned base = (unsigned)__cvta_generic_to_shared($2) + ($3);
                    #pragma unroll
                    for (int m = 0; m < 2; m++) {
                    const unsigned r = m*16 + (l & 15u), c = (l >> 4) ^ $S;
                    #pragma unroll
                    for (int n = 0; n < ($W)/8; n += 2) { const float* C = $0 + (m*(($W)/8) + n)*4; unsigned v[4]; const unsigned at = base + r*(2*($W)) + ((c ^ n) << 4);
                    #pragma unroll
                    for (int j = 0; j < 4; j++) { if ($9) asm volatile("cvt.rn.bf16x2.f32 %0, %2, %1;" : "=r"(v[j]) : "f"(C[j*2]*($1)), "f"(C[j*2 + 1]*($1)));
                    else asm volatile("cvt.rn.f16x2.f32 %0, %2, %1;" : "=r"(v[j]) : "f"(C[j*2]*($1)), "f"(C[j*2 + 1]*($1))); }
                    asm volatile("stmatrix.sync.aligned.m8n8.x4.shared.b16 [%0], {%1,%2,%3,%4};" :: "r"(at), "r"(v[0]), "r"(v[1]), "r"(v[2]), "r"(v[3]) : "memory"); } }
                    __syncwarp();
                    #pragma unroll
                    for (int i = 0; i < ($W)/8; i++) { const unsigned r = (i*32 + l) / (($W)/8), c = (i*32 + l) % (($W)/8), at = base + r*(2*($W)) + ((c ^ $S) << 4); uint4 v;
                    asm volatile("ld.shared.v4.b32 {%0,%1,%2,%3}, [%4];" : "=r"(v.x), "=r"(v.y), "=r"(v.z), "=r"(v.w) : "r"(at) : "memory");
                    if ((int)r < ($7)) *(uint4*)((char*)$4 + $H + 2ll*(($5) + (int)r*($6) + (int)c*8)) = v; } }\
                    """,
                    "$8");

    private static String width(String template, String operand) {
        return template.replace("$A(k)", COLUMN.replace("$k", "k"))
                .replace("$A(j)", COLUMN.replace("$k", "j"))
                .replace("$S", SWIZZLE)
                .replace("$P", PASS)
                .replace("$H", HEADER)
                .replace("$W", operand);
    }

    private static String ldmatrix(String transpose) {
        return "asm volatile(\"ldmatrix.sync.aligned.m8n8.x4"
                + transpose
                + ".shared.b16 {%0,%1,%2,%3}, [%4];\" : \"=r\"(b[0]), \"=r\"(b[1]), \"=r\"(b[2]),"
                + " \"=r\"(b[3]) : \"r\"(at));";
    }

    private static String product(String type) {
        return mma(
                type,
                "{%0,%1,%2,%3}",
                "\"+f\"(C[0]), \"+f\"(C[1]), \"+f\"(C[2]), \"+f\"(C[3])",
                "");
    }

    private static String firstProduct(String type) {
        return mma(
                type,
                "{%10,%11,%12,%13}",
                "\"=f\"(C[0]), \"=f\"(C[1]), \"=f\"(C[2]), \"=f\"(C[3])",
                ", \"f\"($5[m*4]), \"f\"($5[m*4 + 1]), \"f\"($5[m*4 + 2]),"
                        + " \"f\"($5[m*4 + 3])");
    }

    private static String mma(String type, String addend, String outputs, String inputs) {
        return "asm volatile(\"mma.sync.aligned.m16n8k16.row.col.f32.%s.%s.f32 {%%0,%%1,%%2,%%3}, "
                        .formatted(type, type)
                + "{%4,%5,%6,%7}, {%8,%9}, "
                + addend
                + ";\" : "
                + outputs
                + " : \"r\"(A[0]), \"r\"(A[1]), \"r\"(A[2]), \"r\"(A[3]), \"r\"(B0), \"r\"(B1)"
                + inputs
                + ");";
    }
}
