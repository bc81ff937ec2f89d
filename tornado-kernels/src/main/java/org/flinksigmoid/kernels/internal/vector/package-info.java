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
 * <p><b>What decides speed</b>, each with its number. All experiments, with machine and date, also
 * those that gave nothing, are in {@code CPU-NOTES.md} of this module; today's results are in its
 * {@code README.md}. A share is of the multiply-add peak; a factor compares two forms in turn in
 * one JVM; n is a sequence's length.
 *
 * <ul>
 *   <li>Products take 78% of an encoder's time at n = 128 and 83% at 512 (12 layers, d = 512, one
 *       thread), fetching weights 8% and 2%, attention but for its products 2% and 4%.
 *   <li>With AVX-512 a tile is 12 outputs by 2 vectors of rows. Java's arrays begin where they
 *       like, so a vector's load crosses cache lines. 8 x 2 pays for that with 6% (92% of its speed
 *       in L1, 98% if aligned); 12 x 2 has more products a load and pays nothing (97% either way).
 *   <li>With AVX2 it is 6 x 2, each weight but the first behind a fence: 97% of the peak in L1.
 *       Without the fences C2 keeps an accumulator in memory: 40%.
 *   <li>Others may use the same cores; then instructions count. With AVX-512 two inputs a turn take
 *       44 each, one takes 50: 1.10 to 1.12 times as fast beside others, 1.01 alone. On AVX2 four
 *       take 23 each, one takes 29: 1.14 to 1.21 and 0.99 to 1.00.
 *   <li>A block of 256 inputs of a panel stays in L1, one of 512 (64 KB) comes from L2: 98.5% and
 *       91% for the tile written in C. AVX2's panels are half as wide, so theirs has 384, and
 *       MiniLM one block of them: 1.02 to 1.05 times as fast. On a Zen 4, whose products take two
 *       cycles, L2 is fast enough for 512: 1.02 to 1.05.
 *   <li>A group of weights serves up to 16 panels before the next is read: 1.08 to 1.09 at n = 128.
 *   <li>Weights from memory: short batches fetch a group at once before its first product (32 rows:
 *       1.24 to 1.26); longer ones read four weights of the next group for each input (n = 128:
 *       1.06). Not on AVX2, where not fetching is 1.06 to 1.15 times as fast, nor where a cache
 *       holds all of a model (1.07 to 1.44 on an Intel), nor on a Zen 4 (32 rows: 1.20 to 1.25).
 *   <li>A tile's sums begin with the bias and end with the residual, instead of sweeps of their
 *       own: 1.03 to 1.04 at n = 128 on two threads.
 *   <li>A thread begins with its own part of each loop, and of many rows it keeps its own: what it
 *       reads is in its cache. 1.05 to 1.08 from n = 256 on.
 *   <li>Two processors of a shared machine are seldom equally fast. So a thread's part of a layer
 *       is cut into halves of what is left, for others to help with at its end (1.06 to 1.07 up to
 *       n = 128), and a worker doesn't sleep while another still works: waking costs up to 0.7 ms.
 *   <li>Unfused attention on the same tiles already ran at 75 and 82% of the peak, the fused at 82
 *       to 87%: fusing pays in memory, O(n d) for O(n^2), and little in time. At n = 128 packing
 *       keys and values costs as much as a product, 1% of an encoder's time.
 *   <li>ONNX Runtime's products run at about 80% of the peak (sigmoid encoder, n = 1024). A sixth
 *       of its time is sweeps between products, which are part of the tiles here.
 * </ul>
 *
 * <p><b>C2</b> keeps vectors in registers only where it inlines everything, and boxing costs a
 * factor of 30 and more. It refuses what it has compiled by itself before ("already compiled into a
 * big method"), so whether a helper of vectors is inlined hangs on the order in which a busy
 * machine compiles: of four JVMs side by side one still boxed 2 MB a call. So: <em>no method of
 * this package takes or returns a vector</em> ({@code PackageDirectionTest}). Each kernel is one
 * method from the loads to the stores, calls nothing but the Vector API, whose own methods are
 * always inlined, and hands results on through arrays in L1; a polynomial is therefore written out
 * once for each of its loops. What else it took: accumulators as local variables; no vector
 * constant in a static field (it boxes all it merges with); one class for each activation, score
 * pass and row function, for a method with all of them exhausts the inlining budget; masks by
 * integer arithmetic, where {@code VectorMask} boxed; in a loop {@code x.add(sum)} and not {@code
 * sum.add(x)}, whose class C2 knows only by a profile, which a kernel compiled early does not have;
 * clamping on integers, where {@code FloatVector.min} is six instructions. {@code AllocationTest}
 * measures bytes per call in three JVMs at a time with no flags, one of them at 256 bits.
 *
 * <p>Interpreted, the Vector API is slower still; {@link
 * org.flinksigmoid.kernels.internal.vector.WarmUp} compiles the hot loops when a backend opens.
 */
package org.flinksigmoid.kernels.internal.vector;
