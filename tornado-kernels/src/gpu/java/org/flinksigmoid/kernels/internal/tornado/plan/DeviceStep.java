package org.flinksigmoid.kernels.internal.tornado.plan;

/** One operation of a program with its packed parameters, ready to become tasks of any graph. */
@FunctionalInterface
interface DeviceStep {
    /** Adds the operation's tasks. */
    void addTo(GraphBuilder graph);
}
