package org.flinksigmoid.kernels.internal.tornado.tiles;

import java.util.function.BiFunction;

/**
 * CUDA text with holes: {@code $r} is the result's name, {@code $0} to {@code $9} are the operands.
 */
final class TileText {
    private final BiFunction<String, String[], String> filler;

    private TileText(BiFunction<String, String[], String> filler) {
        this.filler = filler;
    }

    /** Text with {@code $r} and numbered holes; at most ten operands. */
    static TileText of(String template) {
        return new TileText(
                (result, operands) -> {
                    String text = template.replace("$r", result);
                    for (int i = 0; i < operands.length; i++) {
                        text = text.replace("$" + i, operands[i]);
                    }
                    return text.strip();
                });
    }

    /** Text that a function of the result's name and the operands makes. */
    static TileText made(BiFunction<String, String[], String> filler) {
        return new TileText(filler);
    }

    /** As {@link #of}, but nothing at all where operand {@code operand} is the constant 0. */
    static TileText unlessZero(int operand, String template) {
        TileText text = of(template);
        return new TileText(
                (result, operands) ->
                        operands[operand].equals("0") ? "" : text.fill(result, operands));
    }

    String fill(String result, String[] operands) {
        return filler.apply(result, operands);
    }
}
