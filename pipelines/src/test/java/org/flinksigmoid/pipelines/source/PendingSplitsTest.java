package org.flinksigmoid.pipelines.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.flink.util.InstantiationUtil;
import org.flinksigmoid.pipelines.scoring.TextFormat;
import org.junit.jupiter.api.Test;

class PendingSplitsTest {
    private static final int FILES = 10_000;
    private static final int BYTES_A_FILE = 12;

    private final PendingSplits.Serializer serializer = new PendingSplits.Serializer();
    private final PendingSplits pending =
            new PendingSplits(files().map(file -> StreamSplit.of(file, 3)).toList(), 3);

    private static Stream<StreamInput> files() {
        return IntStream.range(0, FILES)
                .mapToObj("call-%08d.wav"::formatted)
                .map(name -> new StreamInput(name, List.of("/data/recordings/" + name)));
    }

    @Test
    void manyFilesTakeFewBytes() throws IOException {
        byte[] state = serializer.serialize(pending);
        assertThat(state).hasSizeLessThan(FILES * BYTES_A_FILE);
        assertThat(serializer.deserialize(serializer.getVersion(), state)).isEqualTo(pending);

        InputSource<?> source =
                new InputSource<>(
                        files().toList(),
                        new TextFormat(TextFormat.Syntax.TEXT, 100),
                        InputSource.Options.fast());
        assertThat(InstantiationUtil.serializeObject(source))
                .as("of which Flink keeps five in a JobManager")
                .hasSizeLessThan(FILES * BYTES_A_FILE);
    }

    @Test
    void stateOfVersion1IsRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeInt(pending.round());
        out.writeInt(FILES);
        for (StreamSplit split : pending.splits()) {
            StreamSplitSerializer.write(split, out);
        }
        assertThat(serializer.deserialize(1, bytes.toByteArray())).isEqualTo(pending);
        out.write(0);
        assertThatThrownBy(() -> serializer.deserialize(1, bytes.toByteArray()))
                .hasMessageContaining("expected its end");
    }

    @Test
    void anUnknownVersionIsRefused() {
        assertThatThrownBy(() -> serializer.deserialize(3, new byte[0]))
                .hasMessage("source state: expected version 1 or 2, found 3");
    }
}
