package org.flinksigmoid.operators.types;

/** Argument checks that name the field. */
final class Checks {
    private Checks() {}

    static void notNull(String field, Object value) {
        if (value == null) {
            throw new IllegalArgumentException(field + ": expected a value, found null");
        }
    }

    static void notNegative(String field, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(field + ": expected 0 or more, found " + value);
        }
    }
}
