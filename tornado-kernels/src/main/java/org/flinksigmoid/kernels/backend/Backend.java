package org.flinksigmoid.kernels.backend;

import org.flinksigmoid.kernels.attention.AttentionSpec;

/**
 * Something that runs programs: the CPU's vector units, a GPU, or plain loops that define what is
 * right. Thread-safe, owned by whoever opened it; what it prepared is closed before it.
 */
public interface Backend extends AutoCloseable {
    /** The name it is chosen by: {@code scalar}, {@code vector}, {@code tornado}. */
    String name();

    /** What it runs on, for people: vector width and threads, or the card. */
    String description();

    /** Packs a program's parameters and sizes its scratch. */
    Executable prepare(Program program);

    /** Attention alone. */
    AttentionKernel attention(AttentionSpec spec);

    @Override
    void close();
}
