/**
 * The CPU's vector units through {@code jdk.incubator.vector}; no other package imports it. May
 * depend on {@code internal.interpret}, {@code backend}, {@code attention}, {@code tensor}.
 *
 * <p><b>A row is a lane, a weight is a broadcast.</b> Slots lie in {@link
 * org.flinksigmoid.kernels.internal.vector.Panels panels} of two vectors of rows, column by column.
 * Every product, in layers, convolutions and both halves of attention, is then the same {@link
 * org.flinksigmoid.kernels.internal.vector.Tiles tile}: outputs in registers, a panel of rows in
 * L1, packed weights streaming past. Norms, softmax and RoPE never add across lanes. Three things
 * follow: no transposition and no tail loop anywhere; a row's arithmetic is the same wherever it
 * stands, so a record's result is equal to the bit in any batch, on any number of threads; and a
 * NaN stays in its own record.
 *
 * <p><b>Measured</b> (2 cores of an AMD EPYC of 2024, AVX-512, JDK 25; shares are medians of pairs
 * with the multiply-add peak, {@code GemmBenchmark}, {@code AttentionBenchmark}):
 *
 * <ul>
 *   <li>Tiles of 8 x 2 vectors ran at 92-97% of the peak over M 32-2048, N and K 384-2048; 12 x 2
 *       at 77-96%, 14 x 2 at 81-96%. Blocks of 384 inputs of a panel (48 KB) were as good as 128,
 *       192 and 256, and blocking weights for L2 as well was not needed: at 4 bytes a cycle the
 *       prefetcher keeps up from L3.
 *   <li>Fused attention at d = 64 and 128 ran at 75-81% of the peak from n = 512 on. The unfused
 *       form with the same tiles and polynomial is as fast (0.95-1.26) on one core, whose share of
 *       the memory bandwidth covers the n x n matrix; fusing pays in memory, O(n d) for O(n^2).
 *   <li>At n = 128 attention alone reaches 20-50% of the peak: packing keys and values row by row
 *       costs as much as a product there. In an encoder that is 1% of the time.
 *   <li>all-MiniLM-L6-v2, fp32, speed over ONNX Runtime 1.23.2 ({@code MiniLmBenchmark}, machine
 *       not idle, medians of pairs): one thread 0.98 at 1 x 32 tokens, 1.01 at 1 x 128, 1.18 at 16
 *       x 128, 5.1 on 32 texts of 8 to 512 tokens that it has to pad; two threads 0.97, 0.86, 1.45.
 *       Short single texts lose time in attention's packing and softmax sweeps at d = 32.
 *   <li>The speech model's encoder ran 44 times as fast as the scalar backend, on two threads.
 * </ul>
 *
 * <p><b>C2</b> keeps vectors in registers only where it inlines everything, and boxing costs a
 * factor of 30 and more. What it took: accumulators as local variables; no vector constant in a
 * static field (it boxes all it merges with); one class for each activation, score pass and row
 * function, for a method with all of them exhausts the inlining budget; no vectors between methods
 * that might not be inlined; masks by integer arithmetic, where {@code VectorMask} boxed; clamping
 * on integers, where {@code FloatVector.min} is six instructions. {@code AllocationTest} measures
 * bytes per call in a JVM of its own, also at 256 bits.
 *
 * <p>Interpreted, the Vector API is slower still; {@link
 * org.flinksigmoid.kernels.internal.vector.WarmUp} compiles the hot loops when a backend opens.
 */
package org.flinksigmoid.kernels.internal.vector;
