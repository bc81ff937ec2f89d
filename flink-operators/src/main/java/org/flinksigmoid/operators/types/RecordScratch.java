package org.flinksigmoid.operators.types;

/**
 * A byte array for each thread, so that a record on its way through a serializer costs no array of
 * its own (a window of speech is 40 KB, and Flink moves thousands a second). A thread that asks
 * again before it gave its array back, because one record holds another, gets a new one.
 */
final class RecordScratch {
    /** Larger arrays are left to the collector: one huge record must not stay for ever. */
    private static final int LARGEST_KEPT = 1 << 20;

    private static final int SMALLEST = 160;

    private static final ThreadLocal<byte[]> KEPT = new ThreadLocal<>();

    private RecordScratch() {}

    /** An array of at least that many bytes; whatever they hold. */
    static byte[] take(int bytes) {
        byte[] kept = KEPT.get();
        if (kept == null || kept.length < bytes) {
            return new byte[Math.max(bytes, SMALLEST)];
        }
        KEPT.set(null);
        return kept;
    }

    /** Keeps an array that nobody uses any more. */
    static void give(byte[] array) {
        if (array.length <= LARGEST_KEPT) {
            KEPT.set(array);
        }
    }
}
