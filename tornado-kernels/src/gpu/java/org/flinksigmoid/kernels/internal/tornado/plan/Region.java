package org.flinksigmoid.kernels.internal.tornado.plan;

/**
 * An array in a {@link Block}. Kernels get the address of TornadoVM's array header, 16 bytes before
 * the first element, which starts at a multiple of 256 bytes.
 *
 * @param offset bytes from the block's start to the first element
 * @param bytes of all elements
 */
record Region(Block block, Type type, long offset, long bytes) {
    /** Bytes of TornadoVM's array header. */
    static final int HEADER = 16;

    /** What its elements are. */
    enum Type {
        INTS(Integer.BYTES),
        FLOATS(Float.BYTES),
        HALVES(Short.BYTES);

        private final int bytes;

        Type(int bytes) {
            this.bytes = bytes;
        }

        int bytes() {
            return bytes;
        }
    }

    /** What a kernel is handed. */
    long header() {
        return first() - HEADER;
    }

    /** Address of the first element. */
    long first() {
        return block.address() + offset;
    }
}
