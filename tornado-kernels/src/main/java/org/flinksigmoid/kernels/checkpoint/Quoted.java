package org.flinksigmoid.kernels.checkpoint;

/** Text from an untrusted file, made fit for a message: one line, printable, not long. */
final class Quoted {
    private static final int LONGEST = 120;

    private Quoted() {}

    static String of(String text) {
        var out = new StringBuilder();
        for (int i = 0; i < text.length() && out.length() < LONGEST; i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~') {
                out.append("\\u%04x".formatted((int) c));
            } else {
                out.append(c);
            }
        }
        return text.length() > LONGEST ? out + "..." : out.toString();
    }
}
