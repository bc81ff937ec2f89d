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
 * <p><b>Measured</b> (2 cores of an AMD EPYC of 2024 where nothing else is said, AVX-512, JDK 25;
 * shares are medians of pairs with the multiply-add peak, {@code bench cpu}):
 *
 * <ul>
 *   <li>Tiles of 8 x 2 vectors ran at 92-97% of the peak over M 32-2048, N and K 384-2048; 12 x 2
 *       at 77-96%, 14 x 2 at 81-96%. Blocks of 384 inputs of a panel (48 KB) were as good as 128,
 *       192 and 256, and in a loop over one layer blocking weights for L2 as well was not needed.
 *       In an encoder it is: a group of 8 tiles (96 KB) for up to 16 panels before the next
 *       (7b6d055), old and new in turn in one JVM, 12 layers, d = 512: n = 128 1.09 (one thread)
 *       and 1.08 (two) times as fast, n = 512 no difference.
 *   <li>Weights from memory: a load that waits holds up all behind it, so each tile that was read
 *       ahead paid the latency anew, 16% of n = 128's time. Asking for a whole group at once just
 *       before its first product, in four streams (9e667ec; 25 to 38 GB/s), in turn with the old
 *       form in one JVM: 6 x 384, 1 x 32 rows 1.26 and 1.24 times as fast (one thread, two), 1 x
 *       128 1.07 (two); 12 x 512, n = 128 1.08 and 1.07. Products alone, weights cold, 8 tiles of
 *       256 inputs, shares of the peak with 1, 2, 4, 8 panels: nothing ahead 48, 66, 85, 93%; a
 *       tile ahead 53, 65, 84, 91%; a group at once 62, 74, 90, 92%; the next group in parts before
 *       each panel 57, 70, 84, 91%; weights in L2 92 to 100%. Eight streams and every second line
 *       were no better. Within the products' loop, earlier: 5 to 7% worse than a tile at once.
 *   <li>Blocks of up to 512 inputs instead of 384 (9e667ec): with the fetch 1.05 times as fast at n
 *       = 512, the fetch alone 1.04; groups of 16 or 32 tiles or chunks of 8 panels 0.95 to 0.97 of
 *       that.
 *   <li>Blocks of up to 256 inputs and groups of 16 tiles (60d764b), on two cores of an Intel
 *       Emerald Rapids (48 KB of L1, 2 MB of L2), as all that names it below; steps, forms in turn
 *       and the tile in C by a harness that is not kept here. A Java array begins 16 bytes past a
 *       multiple of 64 there, so each load of a vector crosses two lines, and a panel of 512 inputs
 *       (64 KB) comes from L2: the tile written in C ran at 91% of the peak with 512 inputs from
 *       L2, 99.6% aligned; 98.5% with 256, 99.6% aligned. The encoder's steps one by one, shortest
 *       times, one thread, n = 128: 256 inputs 1.09, 1.06 and 1.10 times as fast as 512 with 8
 *       tiles, 128 inputs 1.06, 192 1.07, 320 and 384 1.04; groups of 24 and 32 tiles as fast as
 *       16. On two threads beside others' work: n = 128 1.03 (1.01 to 1.06) and 1.01 (1.00 to
 *       1.06), 512 1.00 (0.88 to 1.16), 1024 1.06 (0.95 to 1.17) and 1.07 (0.91 to 1.38).
 *   <li>The sigmoid encoder against ONNX Runtime there, two threads, at 193b89c, others' work on
 *       the machine in part: n = 128 1.49 (1.15 to 1.99) and 0.98 (0.79 to 1.08), 512 1.13 (0.92 to
 *       1.40), 1024 1.11 (0.97 to 1.20), 2048 1.12 (1.06 to 1.28); ours at 58 and 70, 70, 76, 82%
 *       of the peak, theirs at 44 and 70, 72, 69, 73%. Before 60d764b: 1.13 (0.86 to 1.51), 1.13
 *       (0.99 to 1.46), 1.07 (1.00 to 1.24), 1.11 (1.03 to 1.22); ours at 83, 79, 72, 77%. A row of
 *       mixed lengths did not finish in three and a half minutes on that machine.
 *   <li>Tiles of 12 x 2 vectors for layers there, of 8 only for what is left over and for
 *       attention. One thread, shares of what the same tile does in L1, blocks of 256 inputs,
 *       panels and weights from L2, sums through memory: 8 x 2 92%, 12 x 2 97%, 14 x 2 97 to 98%, 8
 *       x 3 80%, 6 x 4 84%; rows moved to a multiple of 64 bytes 98, 97, 97, 81, 84%. So what
 *       crossing lines costs goes away with more outputs a load; in native memory, aligned, C2's
 *       code for {@code MemorySegment} ran at 91, 95, 96, 68, 90%. Attention with 12 and 8, too:
 *       0.91 at n = 128 and 1.02 at 512 of the speed with 8 alone, as keys and values are packed
 *       four at a time.
 *   <li>Weights come there from memory at 6 to 15 GB/s a thread, 165 ns and more a line (16 lines
 *       at once), and all of n = 128's at once before their products are 12% of its time. So each
 *       product of the first three panels reads four weights of the next group for each input: in
 *       order and slowly enough for the processor to fetch them before they are asked for. One
 *       thread, n = 128, processor time, old and new in turn in one JVM: layers 1.07 to 1.08, all
 *       1.06 (tiles of 12 alone 1.02 to 1.04).
 *   <li>Two processors of a shared machine are seldom equally fast, for seconds one at half the
 *       other's speed: shares that get smaller towards the end, and a worker that doesn't sleep
 *       while another still works (waking cost up to 0.7 ms a loop). All of the last three, two
 *       threads, others' work beside it: n = 128 1.16 (quartiles 1.03 and 1.40; fastest tenths
 *       1.21), 512 1.16 (1.05 and 1.24; 1.21).
 *   <li>The sigmoid encoder's rows after that (de0598c), two threads, twice within half an hour,
 *       when both cores' peak was 200 to 225 GFLOP/s, not 356 as at other times: n = 128 1.01 (0.74
 *       to 1.22) and 1.06 (0.91 to 1.22), 512 1.06 (0.93 to 1.11) and 1.02 (0.88 to 1.12), 1024
 *       1.11 (1.06 to 1.20) and 1.10 (1.02 to 1.19), 2048 1.11 (1.00 to 1.25) and 1.30 (1.18 to
 *       1.33); at 82191a7 0.91 (0.84 to 1.06), 1.05 (0.98 to 1.08), 1.19 (1.00 to 1.30), 1.20 (1.12
 *       to 1.35). Ours at 73 to 88% of the peak, theirs at 67 to 77%.
 *   <li>Shares of the peak up to here are a tenth too high on an Intel Xeon: in {@code
 *       MultiplyAddPeak} the accumulator was a factor, and C2 copied the addend for each
 *       multiply-add. In turn in one JVM (a harness that is not kept), GFLOP/s of one core, median
 *       and most: ten chains so 153 and 158, as it is now, twelve chains, 170 and 176; the same
 *       with 10 to 16; 20 and 24 chains 161 and 158, most 170.
 *   <li>Where a core is shared, instructions count: an input of a 12 x 2 tile takes 50 for 24
 *       products, 12 of them for addresses, the loop and reading ahead. Without reading ahead, in a
 *       second method for the panels that don't need it, 1.02 to 1.03 (the tile alone, cores
 *       shared), within the noise in an encoder: left out, as C2 takes 0.3 s for one more. Two
 *       inputs a turn: 0.87 to 0.89 where C2 then spills; an encoder with them 0.92 to 0.94 as
 *       fast, with an acquire fence between the two (no instruction, but loads stay behind it) 0.91
 *       to 0.95, while the same method alone, inlined where C2 knew the depth, was 1.03 to 1.10
 *       times as fast. With a residual branch at its end the method is too long for C1 ("out of
 *       virtual registers"), and without C1's profile C2 never compiles it.
 *   <li>Tried there and left out. Division replaced in the sigmoid: 4.65 ns a vector as it is;
 *       reciprocal from the exponent's bits with one cubic and one Newton step 4.7 to 5.2 even with
 *       one polynomial term less, that term alone 4.4 (3.5e-6 off with these coefficients, not
 *       fitted anew), one division for two vectors 4.0, but their product overflows beyond 2^63 and
 *       the bound at 100 binary digits falls. All of it is 15% of attention's time. Blocks of
 *       inputs outside the groups, 512 KB of sums: 2048 inputs 0.98 to 1.04 times as fast, 2048
 *       outputs 0.97 to 1.00. Weights fetched in one or eight streams or not at all: 0.99 to 1.01
 *       at n = 128, one thread: fetching, worth 8% on the EPYC, neither helps nor costs here.
 *   <li>The bias as a tile's first sum and the residual added from its registers, not in sweeps of
 *       their own (3b3e6c6): two threads, n = 128 1.03 to 1.04, one thread 1.00 to 1.02.
 *   <li>Where time goes then, by samples, 12 x 512, one thread, n = 128 and 512: products 78% and
 *       83%, fetching weights 8% and 2%, GELU 2% and 1%, attention but for its products 2% and 4%,
 *       norms 1%. Two threads, n = 128: products 70%, fetching 7%, waiting for the other thread 5%.
 *   <li>Smaller shares for two threads (1e7 and 5e6 operations instead of 2e7), cut at groups, and
 *       packing and attending a head in one share (a barrier less): no difference beyond the noise
 *       (0.98 to 1.02), left out. Rows instead of outputs split between threads would save
 *       barriers, but each thread would fetch all weights: not tried, fetching costs more.
 *   <li>Fused attention at d = 64 and 128 ran at 82-87% of the peak at n = 1024 and 4096. The
 *       unfused form with the same tiles and sigmoid had 82% and 75% at d = 64 (the fused one 0.97
 *       and 1.12 times its speed), one core's share of the memory bandwidth covering the n x n
 *       matrix. To be 1.5 times as fast the fused one would need 123% and 112% of the peak: fusing
 *       pays in memory, O(n d) for O(n^2), not in time on one core.
 *   <li>At n = 128 attention alone reaches 20-50% of the peak: packing keys and values row by row
 *       costs as much as a product there. In an encoder that is 1% of the time.
 *   <li>all-MiniLM-L6-v2, fp32, speed over ONNX Runtime 1.23.2 ({@code bench cpu} at 70b2725, on a
 *       machine that others used, too; 95% intervals): one thread 1.31 (1.17 to 1.35) at 1 x 32
 *       tokens, 1.17 (0.95 to 1.20) at 1 x 128, 1.17 (1.11 to 1.19) at 16 x 128; two threads 1.43
 *       (1.11 to 1.70), 1.25 (0.96 to 1.44), 1.11 (0.97 to 1.42). Before 9e667ec: 1.13, 1.15, 1.14;
 *       1.17, 1.03, 1.13; before 7b6d055 0.99 at 1 x 128 on two.
 *   <li>Sigmoid encoder, 12 layers, d = 512, over the same graph in ONNX Runtime, two threads, at
 *       70b2725, machine and intervals as above: n = 128 1.14 (0.82 to 1.54) and 1.37 (1.22 to
 *       1.70), 512 1.12 (1.06 to 1.18), 1024 1.13 (1.11 to 1.21), 2048 1.33 (0.82 to 1.82); ours at
 *       72, 79, 82, 82% of the peak, theirs at 53 to 70, 71, 72, 63%. At 7145eeb: 1.03, 1.13, 1.19,
 *       1.20; one thread 1.06, 1.15, 1.16, 1.28, at 78, 83, 84, 79% of the peak beside 73, 73, 72,
 *       61%. So up to n = 1024 1.2 needs 87%, and more than 1.37 cannot be.
 *   <li>Where ONNX Runtime's time goes by its own profile ({@code bench cpu} with {@code
 *       -Dflinksigmoid.bench.profile}, two threads, two JVMs each): of MiniLM's at 1 x 128, 17%
 *       lies between operators (profiling included); of the operators' time products take 68 to
 *       77%, additions 6 to 10%, transpositions 3 to 7%, GELU 6%, norms 4%, softmax 2 to 3%. Of the
 *       sigmoid encoder's at n = 1024 layers take 63%, attention's products 21%, additions 5%,
 *       sigmoid 4%, GELU 4%, norms 2%, splitting 1%. So its products run at about 80% of the peak
 *       where the whole has 67%, and a sixth of its time is sweeps that are fused here.
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
 *   <li>Tiles of 6 x 2 vectors at 256 bits (2621c9c), on two cores of an AMD EPYC of Zen 3 (AVX2,
 *       32 KB of L1, 512 KB of L2), as all on AVX2; forms in turn in one JVM, a harness that is not
 *       kept. Without fences C2 keeps an accumulator in memory: 40% of the peak, with one or two
 *       fences as well; with one before each weight but the first 97% in L1, 96% with 32 tiles of
 *       weights in L2. 5 x 2: 34 and 96%; 4 x 2 without 94%. One thread: products 1.38 to 2.0 times
 *       as fast, sigmoid attention 1.35 to 1.6; two threads, 4 x 512: n = 128 1.50 (quartiles 1.29
 *       and 1.63), 512 1.69 (1.50 and 1.93).
 *   <li>Others share these cores: for seconds the tile runs at 55 to 65% of the peak, while
 *       multiply-adds alone keep their rate, likely as they leave most of the front end free. So
 *       instructions count: four inputs a turn take 23 each, one takes 29 (9461090). The tile: 1.14
 *       to 1.21 times as fast beside others, 0.99 to 1.00 alone (64 inputs 0.94); two a turn 1.05
 *       to 1.17 and 1.00; four with a loop for the rest in the same method 1.06 to 1.22 and 0.94.
 *       C2 takes 0.1 s more for four.
 *   <li>Weights on AVX2, in turn, 6 x 384 at 1 x 32 and 1 x 128 rows and 12 x 512 at 128: not
 *       fetched at all 1.13, 1.06 (one thread), 1.15, 1.08, 1.06 (two) times as fast as fetched a
 *       group at once; read ahead within products 0.88 to 0.95. Blocks of 128 inputs 0.90 to 0.98,
 *       of 192 1.00, of 384 1.00 to 1.04; groups of 16 and 64 tiles 0.99 to 1.01; two or four
 *       panels a tile in a group's first pass, so that weights come more slowly, 0.9 to 1.1, mostly
 *       less than 1 (three JVMs each in turn). 252 keys a block of attention's scores instead of 96
 *       (eaebe89): 1.04 to 1.05 times as fast.
 *   <li>Where time goes on AVX2, by samples, 6 x 512, one thread, n = 512: products 90%, finding
 *       their operands 3%, sigmoid 2%, GELU and packing 1.5% each.
 *   <li>{@code bench cpu} on AVX2 at eaebe89 (at bfe88d5): products 73 to 90% of the peak (37 to
 *       42), sigmoid attention 54 to 74% (33 to 37). MiniLM over ONNX Runtime: one thread 1.08,
 *       1.04, 1.06 (2621c9c: 0.88, 0.85, 0.97), two 1.17, 0.88 (a second run; 0.82 in the first),
 *       1.05. Sigmoid encoder, two threads: n = 128 1.00 and 1.04, 512 1.24, 1024 1.27, 2048 0.97
 *       and 1.00, ours at 74, 70 to 76% of the peak at 128 and 2048, theirs at 72, 74 to 78%; in
 *       one run with nothing of ours beside it 0.79, 1.02, 1.03, 0.98. Two threads, 12 x 512, n =
 *       128, took 71 and 96 ms at best in two JVMs, one thread 128: what the second core adds hangs
 *       on who else is there. Two threads at 128 rows and at 2048 are what is left to do.
 *   <li>Up to 7ddabd8 each turn of {@code bench cpu} began as the one before ended, when ONNX
 *       Runtime's threads still looked for work, for more than 40 ms: on two threads of two cores,
 *       whatever came after it was slow, every second turn of ours too. GFLOP/s of turns of 80 ms
 *       (MiniLM, 1 x 128, an EPYC of 2024): ours 338 to 382 after the peak's loop and 246 to 292
 *       after ONNX Runtime, the peak's loop 500 to 534 after ours and 411 to 438 after it, ONNX
 *       Runtime 238 to 346 after either. With a pause of 50 to 200 ms before each turn ours is at
 *       350 to 395 and the peak at 480 to 535 in either place. So ratios on two threads above are
 *       too low, and shares of the peak too high. What it gives since (2ffbf70) is in README.
 *   <li>A worker that slept between calls costs little there: 6 x 384, 128 rows, two threads, calls
 *       one after the other 7.3 ms, after pauses of 1 to 20 ms 7.4 to 7.9, of 100 ms 8.0 to 10.3;
 *       seldom (one call in ten, after 20 ms) both threads were on one processor, 12 to 14 ms. One
 *       thread takes 13.0 ms, so the second core adds 0.87 of one.
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
