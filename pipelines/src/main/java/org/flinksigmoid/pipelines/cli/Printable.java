package org.flinksigmoid.pipelines.cli;

/** What came from outside, on one line for people: a terminal is not to obey it. */
final class Printable {
    private Printable() {}

    /** The text with control characters and ends of lines as escapes. */
    static String of(String text) {
        if (text.chars().noneMatch(Printable::isControl)) {
            return text;
        }
        StringBuilder shown = new StringBuilder();
        text.chars()
                .forEach(
                        c -> {
                            if (isControl(c)) {
                                shown.append("\\u%04x".formatted(c));
                            } else {
                                shown.append((char) c);
                            }
                        });
        return shown.toString();
    }

    private static boolean isControl(int c) {
        int type = Character.getType(c);
        return type == Character.CONTROL
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR;
    }
}
