package org.flinksigmoid.kernels.text;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How often a backtracking matcher may try again, at most, from one place of a text: a power of
 * two. Each choice that something behind it can undo counts: two ways are one bit, a repetition
 * without an end as many as a text has characters. Not thread-safe.
 *
 * <p>Reads what tokenizers use of Oniguruma's syntax (Ruby's): classes, groups, lookaround,
 * repetitions. The native matcher ends the process after ten million tries.
 */
final class RegexCost {
    /** A cost that the native matcher takes. */
    static final int MOST = 23;

    /** Characters of a text, as a power of two. */
    static final int LONGEST_TEXT = 21;

    private static final int ENDLESS = 1000;
    private static final Pattern BRACES = Pattern.compile("\\{(\\d{0,6})(,?)(\\d{0,6})}");

    /** Behind the bracket: flags and their end, or lookaround, or neither. */
    private static final Pattern HEAD =
            Pattern.compile("\\?(?:([im]+(?:-[im]*)?\\))|(=|!|<=|<!|>)|[im]*(?:-[im]*)?:)");

    private static final int DEEPEST = 100;

    private final String pattern;
    private int at;
    private int depth;

    /**
     * What a piece of the pattern may cost.
     *
     * @param inside of failures in it
     * @param open of a failure behind it, which goes back into it
     * @param fails whether it can fail to match
     */
    private record Piece(int inside, int open, boolean fails) {
        static final Piece CHARACTER = new Piece(0, 0, true);
        static final Piece NOTHING = new Piece(0, 0, false);

        Piece or(Piece other) {
            return new Piece(
                    Math.max(inside, other.inside),
                    Math.max(open, other.open),
                    fails || other.fails);
        }

        Piece then(Piece next) {
            int back = next.fails ? open : 0;
            return new Piece(
                    Math.max(inside, back + next.inside), open + next.open, fails || next.fails);
        }

        /** Nothing goes back into it. */
        Piece atomic() {
            return new Piece(inside, 0, fails);
        }

        Piece withWays(int ways) {
            return new Piece(inside, open + bits(ways), fails);
        }
    }

    /** How often a piece may come. */
    private record Times(int least, int most) {}

    private RegexCost(String pattern) {
        this.pattern = pattern;
    }

    /**
     * The cost.
     *
     * @throws IllegalArgumentException on syntax that is not known to be harmless
     */
    static int of(String pattern) {
        RegexCost reader = new RegexCost(pattern);
        Piece whole = reader.alternatives();
        if (reader.at < pattern.length()) {
            throw reader.unknown("a bracket that closes nothing");
        }
        return whole.inside();
    }

    private static int bits(int ways) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(Math.max(1, ways) - 1);
    }

    private IllegalArgumentException unknown(String what) {
        return new IllegalArgumentException(what + " before character " + at);
    }

    private boolean take(char wanted) {
        boolean there = at < pattern.length() && pattern.charAt(at) == wanted;
        at += there ? 1 : 0;
        return there;
    }

    private Piece alternatives() {
        Piece all = sequence();
        int ways = 1;
        while (take('|')) {
            all = all.or(sequence());
            ways++;
        }
        return all.withWays(ways);
    }

    private Piece sequence() {
        Piece sequence = Piece.NOTHING;
        while (at < pattern.length() && pattern.charAt(at) != '|' && pattern.charAt(at) != ')') {
            sequence = sequence.then(repeated(atom()));
        }
        return sequence;
    }

    private Piece atom() {
        char c = pattern.charAt(at++);
        return switch (c) {
            case '(' -> group();
            case '[' -> {
                skipClass();
                yield Piece.CHARACTER;
            }
            case '\\' -> {
                skipEscape();
                yield Piece.CHARACTER;
            }
            default -> Piece.CHARACTER;
        };
    }

    private Piece group() {
        boolean atomic = false;
        Matcher head = HEAD.matcher(pattern).region(at, pattern.length());
        if (head.lookingAt()) {
            at = head.end();
            atomic = head.group(2) != null;
            if (head.group(1) != null) {
                return Piece.NOTHING; // flags
            }
        } else if (take('?') || take('*')) {
            throw unknown("a group of its kind");
        }
        depth++;
        if (depth > DEEPEST) {
            throw unknown("groups so deep");
        }
        Piece inside = alternatives();
        depth--;
        if (!take(')')) {
            throw unknown("a group without an end");
        }
        return atomic ? inside.atomic() : inside;
    }

    /** What stands in brackets, brackets in it included. */
    private void skipClass() {
        for (int depth = 1; depth > 0; ) {
            if (at >= pattern.length()) {
                throw unknown("a class without an end");
            }
            char c = pattern.charAt(at++);
            if (c == '\\') {
                at++;
            } else if (c == '[') {
                depth++;
            } else if (c == ']') {
                depth--;
            }
        }
    }

    private void skipEscape() {
        if (at >= pattern.length()) {
            throw unknown("an escape of nothing");
        }
        char c = pattern.charAt(at++);
        if (c >= '1' && c <= '9' || c == 'k' || c == 'g' || c == 'K' || c == 'X' || c == 'R') {
            throw unknown("\\" + c);
        }
        boolean braced = at < pattern.length() && pattern.charAt(at) == '{';
        if ((c == 'p' || c == 'P' || c == 'x') && braced) {
            int end = pattern.indexOf('}', at);
            if (end < 0) {
                throw unknown("braces without an end");
            }
            at = end + 1;
        }
    }

    /** The piece with the repetitions that stand behind it. */
    private Piece repeated(Piece piece) {
        Piece repeated = piece;
        Optional<Times> times = times();
        while (times.isPresent()) {
            boolean braces = pattern.charAt(at - 1) == '}';
            repeated = repeated(repeated, times.get());
            if (!braces && take('+')) {
                repeated = repeated.atomic(); // possessive
            } else {
                take('?'); // as few as possible
            }
            times = times();
        }
        return repeated;
    }

    private static Piece repeated(Piece piece, Times times) {
        boolean fails = piece.fails() && times.least() > 0;
        boolean endless = times.most() == Integer.MAX_VALUE;
        if (piece.equals(Piece.CHARACTER)) {
            int ways = endless ? LONGEST_TEXT : bits(times.most() - times.least() + 1);
            return new Piece(0, ways, fails);
        }
        long open =
                endless
                        ? ENDLESS
                        : (long) times.most() * piece.open()
                                + bits(times.most() - times.least() + 1);
        return new Piece(piece.inside(), (int) Math.min(ENDLESS, open), fails);
    }

    /** Reads how often the piece before may come, if it is said here. */
    private Optional<Times> times() {
        if (take('*')) {
            return Optional.of(new Times(0, Integer.MAX_VALUE));
        }
        if (take('+')) {
            return Optional.of(new Times(1, Integer.MAX_VALUE));
        }
        if (take('?')) {
            return Optional.of(new Times(0, 1));
        }
        Matcher braces = BRACES.matcher(pattern).region(at, pattern.length());
        if (!braces.lookingAt() || braces.group().length() < 3) {
            return Optional.empty();
        }
        at = braces.end();
        int least = number(braces.group(1), 0);
        int most = braces.group(2).isEmpty() ? least : number(braces.group(3), Integer.MAX_VALUE);
        return Optional.of(new Times(Math.min(least, most), Math.max(least, most)));
    }

    private static int number(String digits, int instead) {
        return digits.isEmpty() ? instead : Integer.parseInt(digits);
    }
}
