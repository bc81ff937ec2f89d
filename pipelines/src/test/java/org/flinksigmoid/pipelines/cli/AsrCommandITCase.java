package org.flinksigmoid.pipelines.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.flinksigmoid.kernels.fixture.TinyCheckpoint;
import org.flinksigmoid.pipelines.Recordings;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AsrCommandITCase {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir private Path folder;
    private String model;
    private Path audio;

    @BeforeEach
    void writeModel() throws IOException {
        model = TinyCheckpoint.speech().write(folder.resolve("model")).toString();
        audio = Files.createDirectory(folder.resolve("audio"));
    }

    @Test
    void badFilesAreReportedWithTheirReasonAndGoodOnesAreAllTranscribed() throws IOException {
        for (int i = 0; i < 5; i++) {
            Recordings.write(audio.resolve("good" + i + ".wav"), i == 2 ? 16000 : 8000, 9000, i);
        }
        byte[] good = Files.readAllBytes(audio.resolve("good0.wav"));
        Files.write(audio.resolve("empty.wav"), new byte[0]);
        Files.write(audio.resolve("cut.wav"), Arrays.copyOf(good, good.length / 2));
        Files.write(audio.resolve("header-only.wav"), patched(good, 40, 0));
        Files.write(audio.resolve("noise.wav"), "this is no audio".repeat(20).getBytes("UTF-8"));
        Files.write(audio.resolve("stereo.wav"), patched(patched(good, 22, 2), 32, 4));
        Files.write(audio.resolve("float.wav"), patched(good, 20, 3));
        Files.write(audio.resolve("deep.wav"), patched(patched(good, 34, 24), 32, 3));
        Recordings.write(audio.resolve("cd.wav"), 44100, 44100, 9);
        Recordings.write(audio.resolve("one-sample.wav"), 8000, 1, 9);

        Cli cli = asr("--fast", "--final-only", "--json", audio.toString());

        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(ended(cli))
                .contains("good0.wav", "good1.wav", "good2.wav", "good3.wav", "good4.wav");
        assertThat(ended(cli)).contains("one-sample.wav");
        for (String bad :
                List.of("empty", "cut", "header-only", "noise", "stereo", "float", "deep")) {
            assertThat(cli.err()).containsPattern("left out: " + bad + "\\.wav: .*expected.*found");
        }
        // Either resampled or refused, never lost.
        assertThat(ended(cli).contains("cd.wav") || cli.err().contains("left out: cd.wav"))
                .isTrue();
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aLinkIsFollowedAndOneToNothingIsReported() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Recordings.write(elsewhere.resolve("a.wav"), 8000, 4000, 1);
        Files.createSymbolicLink(audio.resolve("link.wav"), elsewhere.resolve("a.wav"));
        Files.createSymbolicLink(audio.resolve("gone.wav"), elsewhere.resolve("b.wav"));
        Files.createSymbolicLink(audio.resolve("circle.wav"), audio.resolve("circle.wav"));
        Cli cli = asr("--fast", "--json", audio.toString());
        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(ended(cli)).containsExactly("link.wav");
        assertThat(cli.err())
                .contains("left out: gone.wav: no such file")
                .containsPattern("left out: circle\\.wav: .*symbolic links");
    }

    @Test
    void nothingButBadFilesIsAFailure() throws IOException {
        Files.write(audio.resolve("empty.wav"), new byte[0]);
        Cli cli = asr("--fast", audio.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.out()).isEmpty();
        assertThat(cli.err())
                .contains("left out: empty.wav")
                .contains("No result: nothing that came in could be used.");
    }

    @Test
    void thirtyTwoSubtasksFindEnoughBuffers() throws IOException {
        Recordings.write(audio.resolve("a.wav"), 8000, 9000, 1);
        Cli cli = asr("--fast", "--json", "--parallelism=32", "--threads=1", audio.toString());
        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(ended(cli)).containsExactly("a.wav");
    }

    @Test
    void outputFilesHoldEveryTranscript() throws IOException {
        Recordings.write(audio.resolve("a.wav"), 8000, 9000, 1);
        Path output = folder.resolve("out");
        Cli cli = asr("--fast", "--output", output.toString(), audio.toString());
        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(cli.out()).isEmpty();
        try (Stream<Path> files = Files.walk(output)) {
            List<Path> parts = files.filter(Files::isRegularFile).toList();
            assertThat(parts)
                    .isNotEmpty()
                    .allSatisfy(part -> assertThat(part.toString()).endsWith(".jsonl"));
            List<String> lines = new ArrayList<>();
            for (Path part : parts) {
                lines.addAll(Files.readAllLines(part));
            }
            assertThat(JSON.readTree(lines.getLast()).get("stream").asText()).isEqualTo("a.wav");
        }
    }

    @Test
    void aSocketIsTranscribedLikeTheSameAudioInAFile() throws IOException {
        short[] samples = Recordings.noise(12000, 5);
        Recordings.write(audio.resolve("same.wav"), 8000, 12000, 5);
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform().daemon().start(() -> send(server, samples));
            Cli live = asr("--final-only", "--json", "tcp://127.0.0.1:" + server.getLocalPort());
            Cli stored = asr("--final-only", "--fast", "--json", audio.toString());
            assertThat(live.code()).as(live.err()).isZero();
            assertThat(texts(live)).isEqualTo(texts(stored));
        }
    }

    @Test
    void aSocketThatBeginsWhenAnotherHasPlayedForLongLosesNothing() throws Exception {
        CountDownLatch sent = new CountDownLatch(1);
        try (ServerSocket early = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServerSocket late = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread.ofPlatform()
                    .daemon()
                    .start(
                            () -> {
                                send(early, Recordings.noise(80_000, 5));
                                sent.countDown();
                            });
            Thread.ofPlatform().daemon().start(() -> sendLater(late, sent));
            Cli cli =
                    asr(
                            "--final-only",
                            "--json",
                            "tcp://127.0.0.1:" + early.getLocalPort(),
                            "tcp://127.0.0.1:" + late.getLocalPort());
            assertThat(cli.code()).as(cli.err()).isZero();
            assertThat(cli.err()).doesNotContain("left out");
            assertThat(ended(cli)).contains("tcp://127.0.0.1:" + late.getLocalPort());
        }
    }

    @Test
    void aChannelThatRawAudioHasNotIsReported() {
        Cli cli = asr("--channel", "1", "-");
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains("left out: stdin: ").contains("channel: expected 0 to 0");
    }

    @Test
    void aLoopStopsAfterTheGivenTime() throws IOException {
        Recordings.write(audio.resolve("a.wav"), 8000, 4000, 1);
        Cli cli = null;
        // On a busy machine the time may be over before the second round is.
        for (int seconds = 2;
                seconds <= 200 && (cli == null || !ended(cli).contains("a.wav#2"));
                seconds *= 10) {
            String limit = "--run-for=" + seconds;
            cli = asr("--fast", "--loop", limit, "--json", audio.toString());
        }
        assertThat(cli.code()).as(cli.err()).isZero();
        assertThat(ended(cli)).contains("a.wav", "a.wav#2");
    }

    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aPipeIsNoFileAndSaidToBeNone() throws Exception {
        Path pipe = audio.resolve("pipe.wav");
        new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor();
        Cli cli = asr("--run-for=10", pipe.toString());
        assertThat(cli.code()).isEqualTo(1);
        assertThat(cli.err()).contains(pipe + ": expected an audio file").contains("no file");
        Recordings.write(audio.resolve("a.wav"), 8000, 4000, 1);
        Files.createDirectory(audio.resolve("folder.wav"));
        cli = asr("--fast", "--json", audio.toString());
        assertThat(ended(cli)).containsExactly("a.wav");
        assertThat(cli.err())
                .containsPattern("left out: pipe\\.wav: .*found what is no file")
                .contains("1 of the inputs");
    }

    @Test
    void optionsOfTheTranscriptsAreTaken() throws IOException {
        Recordings.write(audio.resolve("a.wav"), 8000, 40_000, 3);
        String partials = "-Dtranscript.partials=";
        List<Boolean> finals = new ArrayList<>();
        for (String wanted : List.of("true", "false")) {
            Cli cli = asr("--fast", "--json", partials + wanted, audio.toString());
            assertThat(cli.code()).as(cli.err()).isZero();
            boolean all = true;
            for (String line : cli.out().lines().toList()) {
                all &= JSON.readTree(line).get("final").asBoolean();
            }
            finals.add(all);
        }
        assertThat(finals).containsExactly(false, true);
    }

    /** Runs the command with the small model. */
    private Cli asr(String... arguments) {
        String[] all = Arrays.copyOf(new String[] {"asr", "--model", model}, 3 + arguments.length);
        System.arraycopy(arguments, 0, all, 3, arguments.length);
        return Cli.run(all);
    }

    private static void sendLater(ServerSocket server, CountDownLatch sent) {
        try {
            sent.await();
            Thread.sleep(2000);
            send(server, Recordings.noise(12000, 6));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(ServerSocket server, short[] samples) {
        try (Socket socket = server.accept();
                OutputStream out = socket.getOutputStream()) {
            ByteBuffer bytes =
                    ByteBuffer.allocate(2 * samples.length).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asShortBuffer().put(samples);
            out.write(bytes.array());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> ended(Cli cli) throws IOException {
        Set<String> streams = new HashSet<>();
        for (String line : cli.out().lines().toList()) {
            JsonNode transcript = JSON.readTree(line);
            if (transcript.get("end_of_stream").asBoolean()) {
                streams.add(transcript.get("stream").asText());
            }
        }
        return streams;
    }

    private static List<String> texts(Cli cli) throws IOException {
        List<String> texts = new ArrayList<>();
        for (String line : cli.out().lines().toList()) {
            texts.add(JSON.readTree(line).get("text").asText());
        }
        return texts;
    }

    /** The bytes with a 16-bit number of the header changed; position 40 is 32-bit. */
    private static byte[] patched(byte[] wav, int position, int value) {
        byte[] changed = wav.clone();
        ByteBuffer header = ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN);
        if (position == 40) {
            header.putInt(position, value);
        } else {
            header.putShort(position, (short) value);
        }
        return changed;
    }
}
