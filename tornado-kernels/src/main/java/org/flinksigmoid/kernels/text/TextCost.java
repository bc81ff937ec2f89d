package org.flinksigmoid.kernels.text;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntToDoubleFunction;

/**
 * What the parts of a tokenizer may cost for the worst text of a length: native code can't be
 * stopped, and ends the process where it has no memory. A file chooses its parts, so they decide
 * how much of a text is read: as much as takes twenty seconds and two gigabytes at most. Not
 * thread-safe.
 */
final class TextCost {
    /** Characters of any text that are read. */
    static final int LONGEST = 1 << 21;

    /** A tokenizer that can't take so many characters is refused. */
    static final int LEAST = 1 << 11;

    /** What a part that takes more is told. */
    static final String EXPECTED =
            "what takes twenty seconds and two gigabytes at most for any text of "
                    + LEAST
                    + " characters";

    /** Of a text once it is normalized and split: 400 bytes and 2 microseconds each. */
    private static final int MOST_CHARACTERS = 1 << 22;

    /** Of about a nanosecond. */
    private static final double MOST_STEPS = 0x1p34;

    private final List<IntToDoubleFunction> steps = new ArrayList<>();
    private double growth = 1;

    /** A part makes a text so many times as long. */
    void grows(double times) {
        growth = Math.min(growth * times, MOST_CHARACTERS);
    }

    /** A part takes so many steps for a character of a text of so many characters. */
    void takes(IntToDoubleFunction stepsPerCharacter) {
        double times = growth; // what comes behind it is none of its business
        steps.add(
                length -> {
                    int grown = (int) Math.min(MOST_CHARACTERS, length * times);
                    return grown * stepsPerCharacter.applyAsDouble(grown);
                });
    }

    /** Characters of a text that all parts together can take. */
    int longest() {
        int length = (int) Math.min(LONGEST, MOST_CHARACTERS / growth);
        while (length > 0 && steps(length) > MOST_STEPS) {
            length -= Math.ceilDiv(length, 8);
        }
        return length;
    }

    private double steps(int length) {
        return steps.stream().mapToDouble(each -> each.applyAsDouble(length)).sum();
    }
}
