package org.flinksigmoid.pipelines.source;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketOption;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jdk.net.ExtendedSocketOptions;

/** Where a socket is to be opened: {@code tcp://host:port}. */
public record TcpAddress(String host, int port) {
    /** Begins an address. */
    public static final String SCHEME = "tcp://";

    private static final Pattern FORM =
            Pattern.compile(SCHEME + "(\\[[^]]+]|[^:/\\[\\]]+):([0-9]{1,5})/?");

    private static final int LAST_PORT = 65535;

    /** Seconds of silence before the peer is asked, and between so many questions. */
    private static final Map<SocketOption<Integer>, Integer> PROBES =
            Map.of(
                    ExtendedSocketOptions.TCP_KEEPIDLE, 60,
                    ExtendedSocketOptions.TCP_KEEPINTERVAL, 10,
                    ExtendedSocketOptions.TCP_KEEPCOUNT, 6);

    /**
     * Reads an address; whether anybody listens there shows when it is opened.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static TcpAddress of(String text) {
        Matcher form = FORM.matcher(text);
        int port = form.matches() ? Integer.parseInt(form.group(2)) : 0;
        if (port < 1 || port > LAST_PORT) {
            throw new IllegalArgumentException(
                    "expected tcp://HOST:PORT with a port from 1 to %d, found %s"
                            .formatted(LAST_PORT, text));
        }
        return new TcpAddress(form.group(1), port);
    }

    /** Connects; who closes what comes back closes the connection. */
    public InputStream open() throws IOException {
        return connect().getInputStream();
    }

    /** One whose peer, once it is gone without a word, is missed within two minutes. */
    Socket connect() throws IOException {
        Socket socket = new Socket(host, port);
        try {
            socket.setKeepAlive(true);
            for (Map.Entry<SocketOption<Integer>, Integer> option : PROBES.entrySet()) {
                if (socket.supportedOptions().contains(option.getKey())) {
                    socket.setOption(option.getKey(), option.getValue());
                }
            }
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
