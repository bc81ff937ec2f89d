package org.flinksigmoid.kernels.internal.tornado.tiles;

import java.util.Optional;
import jdk.graal.compiler.nodes.graphbuilderconf.InvocationPlugins;
import org.flinksigmoid.kernels.internal.tornado.tiles.TileNode.Result;

/** The CUDA text behind each method of {@link RowTile}, operands in the method's order. */
final class RowPlugins {
    /** 16-byte pieces that a lane holds of a row $W wide. */
    private static final String PIECES = "((($W)+255)/256)";

    /** Whether this lane's i-th piece lies in the row. */
    private static final String INSIDE = "((i*32 + (int)(threadIdx.x & 31u))*8 < ($W))";

    private static final String EACH =
            """

            #pragma unroll
            for (int i = 0; i < $P; i++) \
            """
                    .stripTrailing();

    private static final String LOAD =
            """
            float $r[8*$P];
            { const uint4* from = (const uint4*)((const char*)$0 + 16 + 2ll*($1)) + (threadIdx.x & 31u);$E
            { uint4 v = make_uint4(0u, 0u, 0u, 0u); if ($I) v = from[i*32]; const unsigned u[4] = {v.x, v.y, v.z, v.w};
            #pragma unroll
            for (int j = 0; j < 4; j++) { $r[i*8 + 2*j] = __half2float(__ushort_as_half((unsigned short)u[j])); $r[i*8 + 2*j + 1] = __half2float(__ushort_as_half((unsigned short)(u[j] >> 16))); } } }\
            """;

    private static final String SUM =
            """
            $r = 0.0f;$E
            { $r += (($0[i*8] + $0[i*8 + 1]) + ($0[i*8 + 2] + $0[i*8 + 3])) + (($0[i*8 + 4] + $0[i*8 + 5]) + ($0[i*8 + 6] + $0[i*8 + 7])); }\
            """;

    private static final String SQUARES =
            """
            $r = 0.0f;$E
            if ($I) {
            #pragma unroll
            for (int j = 0; j < 8; j++) { const float d = $0[i*8 + j] - ($1); $r += d*d; } }\
            """;

    private static final String NORMALIZE =
            """
            { const float4* gain = (const float4*)((const char*)$3 + 16) + 2*(threadIdx.x & 31u); const float4* bias = (const float4*)((const char*)$4 + 16) + 2*(threadIdx.x & 31u);$E
            if ($I) {
            #pragma unroll
            for (int j = 0; j < 2; j++) { const float4 g = gain[i*64 + j], b = bias[i*64 + j]; float* x = $0 + i*8 + j*4;
            x[0] = (x[0] - ($1))*($2)*g.x + b.x; x[1] = (x[1] - ($1))*($2)*g.y + b.y; x[2] = (x[2] - ($1))*($2)*g.z + b.z; x[3] = (x[3] - ($1))*($2)*g.w + b.w; } } }\
            """;

    /** Two floats as two fp16 numbers in one register. */
    private static final String PAIR =
            "((unsigned)__half_as_ushort(__float2half($x)) |"
                    + " ((unsigned)__half_as_ushort(__float2half($y)) << 16))";

    private static final String STORE =
            """
            { uint4* to = (uint4*)((char*)$1 + 16 + 2ll*($2)) + (threadIdx.x & 31u);$E
            if ($I) { const float* x = $0 + i*8; to[i*32] = make_uint4(%s, %s, %s, %s); } }\
            """
                    .formatted(
                            pair("x[0]", "x[1]"),
                            pair("x[2]", "x[3]"),
                            pair("x[4]", "x[5]"),
                            pair("x[6]", "x[7]"));

    private static final String COPY =
            """
            { uint4 v = make_uint4(0u, 0u, 0u, 0u); if ($4) v = *(const uint4*)((const char*)$0 + 16 + 2ll*($1)); *(uint4*)((char*)$2 + 16 + 2ll*($3)) = v; }\
            """;

    private static final String ROUND =
            """
            { uint4 v = make_uint4(0u, 0u, 0u, 0u); if ($4) { const float4* f = (const float4*)((const char*)$0 + 16 + 4ll*($1)); const float4 a = f[0], b = f[1]; v = make_uint4(%s, %s, %s, %s); }
            *(uint4*)((char*)$2 + 16 + 2ll*($3)) = v; }\
            """
                    .formatted(
                            pair("a.x", "a.y"),
                            pair("a.z", "a.w"),
                            pair("b.x", "b.y"),
                            pair("b.z", "b.w"));

    private RowPlugins() {}

    private static String pair(String low, String high) {
        return PAIR.replace("$x", low).replace("$y", high);
    }

    private static String rows(String template, String width) {
        return template.replace("$E", EACH)
                .replace("$I", INSIDE)
                .replace("$P", PIECES)
                .replace("$W", width);
    }

    static void register(InvocationPlugins plugins) {
        add(plugins, "load", rows(LOAD, "$2"), Result.FLOATS);
        add(plugins, "sum", rows(SUM, "$1"), Result.FLOAT);
        add(plugins, "squares", rows(SQUARES, "$2"), Result.FLOAT);
        add(plugins, "normalize", rows(NORMALIZE, "$5"), Result.NOTHING);
        add(plugins, "store", rows(STORE, "$3"), Result.NOTHING);
        add(plugins, "copy", COPY, Result.NOTHING);
        add(plugins, "round", ROUND, Result.NOTHING);
    }

    private static void add(
            InvocationPlugins plugins, String name, String template, Result result) {
        TilePlugins.add(plugins, RowTile.class, name, template, result, Optional.empty());
    }
}
