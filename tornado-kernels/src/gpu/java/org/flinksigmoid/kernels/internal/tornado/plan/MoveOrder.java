package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A fault of TornadoVM 5.2.0. At a loop's end all variables take their next values at once; the
 * text has one assignment after the other, in an order that may overwrite a variable before another
 * one has taken it ({@code a = b; b = c} is right, {@code b = c; a = b} loses b). Such a kernel
 * computes something else, or never ends.
 */
final class MoveOrder {
    private static final Pattern MOVE = Pattern.compile("\\s*(\\w+)\\s+=\\s+(-?[\\w.]+);\\s*");
    private static final Pattern LOOP = Pattern.compile("\\s*for\\(.*");

    private MoveOrder() {}

    /** A loop that is open: how many braces are around it, and the variables that go round it. */
    private record Loop(int depth, Set<String> variables) {}

    /** The first assignment that takes what another has overwritten, in a kernel's CUDA C. */
    static Optional<String> fault(String source) {
        Deque<Loop> loops = new ArrayDeque<>();
        Set<String> assigned = new HashSet<>();
        int depth = 0;
        for (String line : source.split("\n")) {
            Matcher move = MOVE.matcher(line);
            if (move.matches()) {
                String from = move.group(2);
                if (assigned.contains(from)
                        && loops.stream().anyMatch(loop -> loop.variables().contains(from))) {
                    return Optional.of(line.strip());
                }
                assigned.add(move.group(1));
                continue;
            }
            if (LOOP.matcher(line).matches()) {
                loops.push(new Loop(depth, Set.copyOf(assigned)));
            }
            assigned.clear();
            int opened = (int) line.chars().filter(c -> c == '{').count();
            int closed = (int) line.chars().filter(c -> c == '}').count();
            depth += opened - closed;
            while (closed > 0 && !loops.isEmpty() && depth <= loops.peek().depth()) {
                loops.pop();
            }
        }
        return Optional.empty();
    }
}
