package org.flinksigmoid.kernels.internal.interpret;

/** One operation of a program, made ready: parameters packed, scratch its own. */
@FunctionalInterface
public interface Step {
    /** Reads and writes the slots of {@code workspace}. One call at a time. */
    void run(Workspace workspace);
}
