package org.flinksigmoid.kernels.text;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How many steps a backtracking matcher takes in vain, at most, from one place of a text. Not
 * thread-safe.
 *
 * <p>Reads what tokenizers use of Oniguruma's syntax (Ruby's): classes, groups, lookaround,
 * repetitions. The native matcher ends the process after ten million tries.
 */
final class RegexCost {
    /** No bound. */
    private static final double ENDLESS = 1e18;

    private static final Pattern BRACES = Pattern.compile("\\{(\\d{0,6})(,?)(\\d{0,6})}");

    private static final Pattern HEXADECIMAL = Pattern.compile("[0-9A-Fa-f]{1,8}");

    /** Behind the bracket: flags and their end, or lookaround, or neither. */
    private static final Pattern HEAD =
            Pattern.compile("\\?(?:([im]+(?:-[im]*)?\\))|(=|!|<=|<!|>)|[im]*(?:-[im]*)?:)");

    /** How GPT's patterns end: what an alternative gives back of some spaces the last one takes. */
    private static final Pattern SPACES =
            Pattern.compile(
                    "(?:^|\\|)(?:\\\\s\\*\\[\\\\r\\\\n]\\+\\|)?"
                            + Pattern.quote("\\s+(?!\\S)|\\s+")
                            + "$");

    private static final int DEEPEST = 100;

    private final String pattern;
    private final int length;
    private int at;
    private int depth;

    /**
     * What is known of a pattern.
     *
     * @param steps from one place, but for those that a match takes forward
     * @param matchesNothing whether it can match without a character
     */
    record Cost(double steps, boolean matchesNothing) {}

    /**
     * What a piece of the pattern may cost from one place. Steps are characters looked at and
     * failures.
     *
     * @param ways to match
     * @param wasted steps up to its first match, but for those over what it matches
     * @param once steps up to its first match
     * @param failing steps where it doesn't match
     * @param all steps where what follows fails after each of its matches
     * @param fails whether it can fail to match
     * @param empty whether it can match without a character
     */
    private record Piece(
            double ways,
            double wasted,
            double once,
            double failing,
            double all,
            boolean fails,
            boolean empty) {
        static final Piece CHARACTER = new Piece(1, 0, 1, 1, 1, true, false);
        static final Piece PLACE = new Piece(1, 0, 1, 1, 1, true, true);
        static final Piece NOTHING = new Piece(1, 0, 0, 0, 0, false, true);

        Piece or(Piece other) {
            return new Piece(
                    sum(ways, other.ways),
                    Math.max(wasted, sum(failing, other.wasted)),
                    Math.max(once, sum(failing, other.once)),
                    sum(failing, other.failing),
                    sum(all, other.all),
                    fails && other.fails,
                    empty || other.empty);
        }

        Piece then(Piece next) {
            double failures = sum(all, product(ways, next.failing));
            boolean back = next.fails && ways > 1;
            return new Piece(
                    product(ways, next.ways),
                    sum(back ? failures : wasted, next.wasted),
                    sum(back ? failures : once, next.once),
                    next.fails ? failures : failing,
                    sum(all, product(ways, next.all)),
                    fails || next.fails,
                    empty && next.empty);
        }

        /** Nothing goes back into it. */
        Piece atomic() {
            return new Piece(1, wasted, once, failing, Math.max(once, failing), fails, empty);
        }

        /** It is looked for at as many places, and nothing is taken of the text. */
        Piece around(double places) {
            double most = product(places, sum(Math.max(once, failing), 1));
            return new Piece(1, most, most, most, most, true, true);
        }

        /** It can be left out, or can not. */
        Piece perhaps() {
            return new Piece(
                    sum(ways, 1),
                    sum(wasted, failing),
                    sum(once, failing),
                    failing,
                    sum(all, 1),
                    fails,
                    true);
        }

        /** So often, at least and at most. */
        Piece times(double least, double most) {
            if (equals(CHARACTER)) {
                return new Piece(
                        most - least + 1,
                        1,
                        most,
                        Math.max(1, least),
                        Math.max(1, most),
                        least > 0,
                        least == 0);
            }
            double failures = fails ? product(powers(least), all) : 0;
            return new Piece(
                    powers(most + 1),
                    sum(failures, sum(failing, product(most, wasted))),
                    sum(failures, sum(failing, product(most, once))),
                    failures,
                    product(powers(most + 1), all),
                    fails && least > 0,
                    empty || least == 0);
        }

        /** 1 + ways + ways^2 + ..., so many of them. */
        private double powers(double count) {
            if (ways == 1) {
                return count;
            }
            return Math.min(ENDLESS, (Math.pow(ways, count) - 1) / (ways - 1));
        }
    }

    private RegexCost(String pattern, int length) {
        this.pattern = pattern;
        this.length = length;
    }

    /**
     * The cost from one place of a text of {@code length} characters.
     *
     * @throws IllegalArgumentException on syntax that is not known to be harmless
     */
    static Cost of(String pattern, int length) {
        Matcher spaces = SPACES.matcher(pattern);
        boolean endsWithSpaces = spaces.find();
        RegexCost reader =
                new RegexCost(
                        endsWithSpaces ? pattern.substring(0, spaces.start()) : pattern, length);
        Piece whole = reader.alternatives();
        if (reader.at < reader.pattern.length()) {
            throw reader.unknown("a bracket that closes nothing");
        }
        boolean empty = whole.empty() && !(endsWithSpaces && spaces.start() == 0);
        return new Cost(Math.max(1, Math.max(whole.wasted(), whole.failing())), empty);
    }

    private static double sum(double a, double b) {
        return Math.min(ENDLESS, a + b);
    }

    private static double product(double a, double b) {
        return Math.min(ENDLESS, a * b);
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
        while (take('|')) {
            all = all.or(sequence());
        }
        return all;
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
            case '\\' -> escape();
            case '^', '$' -> Piece.PLACE;
            case '*', '+', '?' -> throw unknown("a repetition of nothing");
            default -> Piece.CHARACTER;
        };
    }

    private Piece group() {
        String around = "";
        boolean flags = false;
        Matcher head = HEAD.matcher(pattern).region(at, pattern.length());
        if (head.lookingAt()) {
            at = head.end();
            flags = head.group(1) != null;
            around = head.group(2) == null ? "" : head.group(2);
        } else if (take('?') || take('*')) {
            throw unknown("a group of its kind");
        }
        depth++;
        if (depth > DEEPEST) {
            throw unknown("groups so deep");
        }
        Piece inside = alternatives();
        depth--;
        if (flags) {
            return inside; // they hold up to where the group around them ends
        }
        if (!take(')')) {
            throw unknown("a group without an end");
        }
        return switch (around) {
            case "" -> inside;
            case ">" -> inside.atomic();
            case "=", "!" -> inside.around(1);
            default -> inside.around(inside.ways() > 1 ? length : 1);
        };
    }

    /** What stands in brackets, brackets in it included. */
    private void skipClass() {
        for (int open = 1; open > 0; ) {
            if (at >= pattern.length()) {
                throw unknown("a class without an end");
            }
            char c = pattern.charAt(at++);
            if (c == '\\') {
                escaped();
            } else if (c == '[') {
                open++;
            } else if (c == ']') {
                open--;
            }
        }
    }

    /** Behind a backslash: no control character, whose name could be a bracket. */
    private char escaped() {
        if (at >= pattern.length()) {
            throw unknown("an escape of nothing");
        }
        char c = pattern.charAt(at++);
        if ("cCM".indexOf(c) >= 0) {
            throw unknown("\\" + c);
        }
        return c;
    }

    private Piece escape() {
        char c = escaped();
        if (c >= '1' && c <= '9' || "kgKXR".indexOf(c) >= 0) {
            throw unknown("\\" + c);
        }
        boolean braced = at < pattern.length() && pattern.charAt(at) == '{';
        if ((c == 'p' || c == 'P' || c == 'x') && braced) {
            int end = pattern.indexOf('}', at);
            if (end < 0) {
                throw unknown("braces without an end");
            }
            // Else x is a letter, and what stands in the braces a pattern.
            if (c == 'x' && !HEXADECIMAL.matcher(pattern.substring(at + 1, end)).matches()) {
                throw unknown("braces without a code point");
            }
            at = end + 1;
        }
        return "bBAzZGyY".indexOf(c) >= 0 ? Piece.PLACE : Piece.CHARACTER;
    }

    /** The piece with the repetitions that stand behind it. */
    private Piece repeated(Piece piece) {
        Piece repeated = piece;
        for (Optional<Piece> next = times(repeated); next.isPresent(); next = times(repeated)) {
            if (repeated.equals(Piece.PLACE)) {
                throw unknown("a repetition of a place");
            }
            boolean braces = pattern.charAt(at - 1) == '}';
            repeated = next.get();
            if (take('?')) {
                repeated = braces ? repeated.perhaps() : repeated; // as few as possible
            } else if (!braces && take('+')) {
                repeated = repeated.atomic(); // possessive
            }
        }
        return repeated;
    }

    /** Reads how often the piece before may come, if it is said here. */
    private Optional<Piece> times(Piece piece) {
        if (take('*')) {
            return Optional.of(piece.times(0, length));
        }
        if (take('+')) {
            return Optional.of(piece.times(1, length));
        }
        if (take('?')) {
            return Optional.of(piece.times(0, 1));
        }
        Matcher braces = BRACES.matcher(pattern).region(at, pattern.length());
        if (!braces.lookingAt() || (braces.group(1) + braces.group(3)).isEmpty()) {
            return Optional.empty();
        }
        at = braces.end();
        int least = number(braces.group(1), 0);
        int most = braces.group(2).isEmpty() ? least : number(braces.group(3), length);
        return Optional.of(piece.times(Math.min(least, most), Math.max(least, most)));
    }

    private static int number(String digits, int instead) {
        return digits.isEmpty() ? instead : Integer.parseInt(digits);
    }
}
