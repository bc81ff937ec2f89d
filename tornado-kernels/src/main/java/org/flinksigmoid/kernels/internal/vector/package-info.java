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
 *   <li>all-MiniLM-L6-v2, fp32, speed over ONNX Runtime 1.23.2 ({@code bench cpu}, two runs, the
 *       second not undisturbed): one thread 1.15 and 1.12 at 1 x 32 tokens, 1.08 and 1.12 at 1 x
 *       128, 1.18 and 1.05 at 16 x 128; two threads 1.04 and 0.97, 0.98 (1.99 while disturbed),
 *       1.02 and 1.11. Before what follows: one thread 0.95, 0.97, 1.30, two 0.94, 0.88, 1.07, and
 *       4.5-5.1 on mixed lengths that it has to pad.
 *   <li>At 32 rows weights come from memory, 42 MB a pass; one thread's loads alone drew 8 GB/s of
 *       the 39 it can have. Weights in the order of their use: 384 x 1536 from 102 to 134 GFLOP/s.
 *       Touching each tile ahead ({@code PackedLayer}): all layers 5.89 to 5.49 ms; that on 2 MB
 *       pages ({@code jvm.options}), in another run: 4.59 ms, and at 128 rows 16.3 to 15.3 ms. Two
 *       or four streams of weights at a time lost a quarter to a half, touching within the
 *       products' loop gained less than a tile at once, an aligned panel 2%.
 *   <li>Two threads, 1 x 32 tokens, best runs: 4.2 ms with workers that spin 50 us between layers,
 *       3.9 with 200, 3.7 with 1000; medians 9.1, 4.4, 4.2, as a worker that sleeps wakes late. But
 *       beside another job 1000 us cost a median of 67 ms.
 *   <li>Attention at d = 32, n = 128: a fifth less time, 2.3 to 1.9 ms of MiniLM's 6 layers
 *       (processor time), with whole panels of queries and eight keys or columns copied at once and
 *       the softmax's weights and their sum in one sweep.
 *   <li>The speech model's encoder ran 44 times as fast as the scalar backend, on two threads.
 * </ul>
 *
 * <p><b>C2</b> keeps vectors in registers only where it inlines everything, and boxing costs a
 * factor of 30 and more. It refuses what it has compiled by itself before ("already compiled into a
 * big method"), so whether a helper of vectors is inlined hangs on the order in which a busy
 * machine compiles: JVMs side by side boxed in 3 of 3 runs that way. So: <em>no method of this
 * package takes or returns a vector</em> ({@code PackageDirectionTest}). Each kernel is one method
 * from the loads to the stores, calls nothing but the Vector API, whose own methods are always
 * inlined, and hands results on through arrays in L1; a polynomial is therefore written out once
 * for each of its loops. What else it took: accumulators as local variables; no vector constant in
 * a static field (it boxes all it merges with); one class for each activation, score pass and row
 * function, for a method with all of them exhausts the inlining budget; masks by integer
 * arithmetic, where {@code VectorMask} boxed; clamping on integers, where {@code FloatVector.min}
 * is six instructions. {@code AllocationTest} measures bytes per call in three JVMs at a time with
 * no flags, one of them at 256 bits.
 *
 * <p>Interpreted, the Vector API is slower still; {@link
 * org.flinksigmoid.kernels.internal.vector.WarmUp} compiles the hot loops when a backend opens.
 */
package org.flinksigmoid.kernels.internal.vector;
