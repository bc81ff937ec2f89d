package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import jdk.net.ExtendedSocketOptions;
import org.flinksigmoid.pipelines.asr.AudioInputs;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TcpAddressTest {
    @Test
    void namesAndNumbersAreHosts() {
        assertThat(TcpAddress.of("tcp://job_manager:65535"))
                .isEqualTo(new TcpAddress("job_manager", 65535));
        assertThat(TcpAddress.of("tcp://127.0.0.1:1/")).isEqualTo(new TcpAddress("127.0.0.1", 1));
        assertThat(TcpAddress.of("tcp://[::1]:80")).isEqualTo(new TcpAddress("[::1]", 80));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tcp://host:99999",
                "tcp://host:65536",
                "tcp://host:0",
                "tcp://host:-1",
                "tcp://host",
                "tcp://:80",
                "tcp://host:80/path",
                "tcp://host:x"
            })
    void anythingElseIsRefusedBeforeAJobStarts(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AudioInputs.of(List.of(text)))
                .withMessage("expected tcp://HOST:PORT with a port from 1 to 65535, found " + text);
    }

    /** By default a peer that is gone without a word is waited for for ever. */
    @Test
    void thePeerIsAskedWhetherItIsThere() throws IOException {
        InetAddress local = InetAddress.getLoopbackAddress();
        try (ServerSocket server = new ServerSocket(0, 1, local);
                Socket socket =
                        new TcpAddress(local.getHostAddress(), server.getLocalPort()).connect()) {
            assertThat(socket.getKeepAlive()).isTrue();
            if (socket.supportedOptions().contains(ExtendedSocketOptions.TCP_KEEPIDLE)) {
                assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPIDLE)).isEqualTo(60);
                assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPINTERVAL)).isEqualTo(10);
                assertThat(socket.getOption(ExtendedSocketOptions.TCP_KEEPCOUNT)).isEqualTo(6);
            }
        }
    }

    @Test
    void aHostThatNobodyKnowsIsSaidToBeOne() {
        assertThatThrownBy(() -> TcpAddress.of("tcp://nobody.invalid:1").open())
                .isInstanceOfSatisfying(
                        IOException.class,
                        error ->
                                assertThat(Reasons.of(error))
                                        .isEqualTo("no host of that name is known"));
    }
}
