package org.flinksigmoid.kernels.internal.tornado.plan;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.flinksigmoid.kernels.internal.tornado.driver.CapturedGraph;
import org.flinksigmoid.kernels.internal.tornado.driver.Card;
import org.flinksigmoid.kernels.internal.tornado.driver.CardStream;
import org.flinksigmoid.kernels.internal.tornado.driver.CublasLt;
import org.flinksigmoid.kernels.internal.tornado.driver.Matmul;

/**
 * Kernels and matrix products in the order they are to run, on arrays of one block of memory. Once
 * {@link #capture captured}, one call launches them all.
 */
final class Recording {
    private final Device device;
    private final Block block = new Block();
    private final List<Consumer<CardStream>> commands = new ArrayList<>();
    private final List<Consumer<Card>> written = new ArrayList<>();
    private final List<CublasLt.Product> products = new ArrayList<>();
    private CardStream stream;
    private CapturedGraph graph;

    Recording(Device device) {
        this.device = device;
    }

    /** The card it is for, with what compiles. */
    Device device() {
        return device;
    }

    /** An array that lives as long as this. */
    Region array(Region.Type type, long elements) {
        return block.array(type, elements);
    }

    /** An array of descriptions of others, for kernels whose loads want that. */
    Region maps(PanelMap... maps) {
        Region region =
                array(Region.Type.INTS, (long) maps.length * PanelMap.BYTES / Integer.BYTES);
        written.add(
                card -> {
                    try (Arena arena = Arena.ofConfined()) {
                        MemorySegment all = arena.allocate(region.bytes(), PanelMap.ALIGNMENT);
                        for (int i = 0; i < maps.length; i++) {
                            maps[i].describe(
                                    all.asSlice((long) i * PanelMap.BYTES, PanelMap.BYTES));
                        }
                        card.write(region.first(), all);
                    }
                });
        return region;
    }

    /**
     * Adds a kernel; compiles it if it is new.
     *
     * @param arguments a {@link Region}, an Integer or a Float each
     */
    void kernel(Class<?> owner, String name, Grid grid, Object... arguments) {
        long function = device.compiler().function(owner, name, Arrays.asList(arguments));
        commands.add(
                stream ->
                        stream.launch(
                                name,
                                function,
                                grid.x(),
                                grid.y(),
                                grid.threads(),
                                grid.sharedBytes(),
                                device.compiler().passed(arguments)));
    }

    /** Adds a product. */
    void product(Matmul matmul, Region weight, Region in, Region out, Region bias) {
        commands.add(
                stream -> {
                    CublasLt.Product product = device.products().product(matmul);
                    products.add(product);
                    product.queue(
                            new Matmul.Operands(
                                    weight.first(), in.first(), out.first(), bias.first()),
                            stream);
                });
    }

    /** Device memory that it takes. */
    long bytes() {
        return block.bytes();
    }

    /**
     * Takes its memory and makes the graph, for one stream, or leaves nothing behind; on the card's
     * queue.
     */
    void capture(CardStream on) {
        Card card = device.card();
        stream = on;
        try {
            block.allocate(card);
            written.forEach(work -> work.accept(card));
            device.products();
            graph = stream.capture(() -> commands.forEach(command -> command.accept(stream)));
        } catch (RuntimeException | Error e) {
            closeProducts();
            block.freeAfter(e, card);
            throw e;
        }
    }

    private void closeProducts() {
        products.forEach(CublasLt.Product::close);
        products.clear();
    }

    /** The stream that the graph was captured for. */
    CardStream stream() {
        return stream;
    }

    /** Queues the graph; on the card's queue. */
    void launch() {
        stream.launch(graph);
    }

    /** Gives everything back; on the card's queue. */
    void free() {
        Card card = device.card();
        if (graph != null) {
            card.destroy(graph);
            graph = null;
        }
        closeProducts();
        block.free(card);
    }
}
