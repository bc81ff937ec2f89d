package org.flinksigmoid.kernels.internal.tornado.plan;

import java.util.concurrent.CompletableFuture;

/** What a device does beside its batches. */
final class Background {
    private Background() {}

    /** Returns when everything compiled ahead so far is there. */
    static void await(Device device) {
        CompletableFuture.runAsync(() -> {}, device.background()).join();
    }
}
