package org.flinksigmoid.kernels.internal.tornado.driver;

import java.lang.foreign.MemorySegment;

/**
 * Kernels that one call launches, see {@link CardStream#capture}.
 *
 * @param handle the driver's
 */
public record CapturedGraph(MemorySegment handle) {}
