package org.flinksigmoid.kernels.internal.tornado.tiles;

import java.util.Optional;
import jdk.graal.compiler.nodes.graphbuilderconf.InvocationPlugins;
import org.flinksigmoid.kernels.internal.tornado.tiles.TileNode.ArrayUse;
import org.flinksigmoid.kernels.internal.tornado.tiles.TileNode.Result;
import uk.ac.manchester.tornado.api.common.Access;

/** Registers {@link WarpgroupSource}'s text behind each method of {@link WarpgroupTile}. */
final class WarpgroupPlugins {
    private static final Optional<ArrayUse> NONE = Optional.empty();

    private WarpgroupPlugins() {}

    static void register(InvocationPlugins plugins) {
        add(plugins, "memory", WarpgroupSource.MEMORY, Result.NUMBER, NONE);
        add(plugins, "group", WarpgroupSource.GROUP, Result.NUMBER, NONE);
        add(plugins, "blocks", WarpgroupSource.BLOCKS, Result.NUMBER, NONE);
        Optional<ArrayUse> counted = Optional.of(new ArrayUse(0, Access.READ_WRITE));
        add(plugins, "take", WarpgroupSource.TAKE, Result.NUMBER, counted);
        add(plugins, "leave", WarpgroupSource.LEAVE, Result.NOTHING, counted);
        add(plugins, "announce", WarpgroupSource.ANNOUNCE, Result.NOTHING, reads(2));
        nothing(plugins, "awaitItem", WarpgroupSource.AWAIT_ITEM);
        add(plugins, "item", WarpgroupSource.ITEM, Result.NUMBER, NONE);
        nothing(plugins, "makeBarriers", WarpgroupSource.MAKE_BARRIERS);
        nothing(plugins, "giveRegisters", WarpgroupSource.GIVE_REGISTERS);
        nothing(plugins, "takeRegisters", WarpgroupSource.TAKE_REGISTERS);
        add(plugins, "acquire", WarpgroupSource.ACQUIRE, Result.NOTHING, reads(0));
        add(plugins, "fill", WarpgroupSource.FILL, Result.NOTHING, reads(3));
        add(plugins, "full", WarpgroupSource.FULL, Result.NUMBER, NONE);
        nothing(plugins, "awaitFull", WarpgroupSource.AWAIT_FULL);
        nothing(plugins, "release", WarpgroupSource.RELEASE);
        nothing(plugins, "zeroRows", WarpgroupSource.ZERO_ROWS);
        add(plugins, "copyRows", WarpgroupSource.COPY_ROWS, Result.NOTHING, reads(1));
        nothing(plugins, "meet", WarpgroupSource.MEET);
        add(plugins, "query", WarpgroupSource.QUERY, Result.HALVES, NONE);
        nothing(plugins, "load", WarpgroupSource.LOAD);
        add(plugins, "accumulator", WarpgroupSource.ACCUMULATOR, Result.FLOATS, NONE);
        nothing(plugins, "zero", WarpgroupSource.ZERO);
        add(plugins, "probabilities", WarpgroupSource.PROBABILITIES, Result.HALVES, NONE);
        nothing(plugins, "rowFactors", WarpgroupSource.ROW_FACTORS);
        nothing(plugins, "begin", WarpgroupSource.BEGIN);
        nothing(plugins, "multiply", TileText.made(WarpgroupSource::multiply));
        nothing(plugins, "accumulate", TileText.made(WarpgroupSource::accumulate));
        nothing(plugins, "await", WarpgroupSource.AWAIT);
        nothing(plugins, "alibi", WarpgroupSource.ALIBI);
        nothing(plugins, "sigmoid", WarpgroupSource.SIGMOID);
        nothing(plugins, "hide", WarpgroupSource.HIDE);
        nothing(plugins, "round", WarpgroupSource.ROUND);
        Optional<ArrayUse> written = Optional.of(new ArrayUse(3, Access.WRITE_ONLY));
        add(plugins, "store", WarpgroupSource.STORE, Result.NOTHING, written);
    }

    private static Optional<ArrayUse> reads(int operand) {
        return Optional.of(new ArrayUse(operand, Access.READ_ONLY));
    }

    private static void nothing(InvocationPlugins plugins, String name, String template) {
        nothing(plugins, name, TileText.of(template));
    }

    private static void nothing(InvocationPlugins plugins, String name, TileText text) {
        TilePlugins.add(plugins, WarpgroupTile.class, name, text, Result.NOTHING, NONE);
    }

    private static void add(
            InvocationPlugins plugins,
            String name,
            String template,
            Result result,
            Optional<ArrayUse> array) {
        TilePlugins.add(plugins, WarpgroupTile.class, name, TileText.of(template), result, array);
    }
}
