package org.flinksigmoid.pipelines.cluster;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.util.Random;

/** A port for a process that will bind it some time from now. */
public final class FreePort {
    private static final int TRIES = 1000;
    private static final Random RANDOM = new Random();

    private FreePort() {}

    /**
     * Below those that systems give to whoever asks for any, so that nobody takes it meanwhile.
     *
     * @throws IOException if none of many can be bound, as where sockets are not allowed
     */
    public static int find() throws IOException {
        for (int tries = 1; ; tries++) {
            int port = 10_000 + RANDOM.nextInt(20_000);
            try (ServerSocket free = new ServerSocket(port)) {
                return free.getLocalPort();
            } catch (BindException e) {
                if (tries == TRIES) {
                    throw e;
                }
            }
        }
    }
}
