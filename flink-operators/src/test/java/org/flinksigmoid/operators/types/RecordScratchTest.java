package org.flinksigmoid.operators.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class RecordScratchTest {
    @Test
    void anArrayInUseIsNotHandedOutTwice() {
        byte[] outer = RecordScratch.take(100);
        byte[] inner = RecordScratch.take(100);
        assertThat(inner).isNotSameAs(outer);
        RecordScratch.give(inner);
        assertThat(RecordScratch.take(50)).isSameAs(inner);
    }

    @Test
    void aHugeArrayIsNotKept() {
        byte[] huge = RecordScratch.take(2 << 20);
        RecordScratch.give(huge);
        assertThat(RecordScratch.take(10)).isNotSameAs(huge);
    }

    @Test
    void aRecordThatEndsEarlyNeverReadsWhatALargerOneLeftBehind() throws IOException {
        TextMessage large = new TextMessage("key", "id", "x".repeat(10_000), 1);
        TextMessage small = new TextMessage("key", "id", "hello", 2);
        DataOutputSerializer out = new DataOutputSerializer(64);
        TextMessageSerializer.INSTANCE.serialize(large, out);
        TextMessageSerializer.INSTANCE.serialize(small, out);
        DataInputDeserializer in = new DataInputDeserializer(out.getCopyOfBuffer());
        assertThat(TextMessageSerializer.INSTANCE.deserialize(in)).isEqualTo(large);
        assertThat(TextMessageSerializer.INSTANCE.deserialize(in)).isEqualTo(small);

        byte[] cut = TextMessageSerializer.INSTANCE.toBytes(small);
        DataOutputSerializer damaged = new DataOutputSerializer(64);
        damaged.writeInt(cut.length - 4);
        damaged.write(Arrays.copyOf(cut, cut.length - 4));
        TextMessageSerializer.INSTANCE.deserialize(in(large));
        assertThatThrownBy(
                        () ->
                                TextMessageSerializer.INSTANCE.deserialize(
                                        new DataInputDeserializer(damaged.getCopyOfBuffer())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("TextMessage");
    }

    private static DataInputDeserializer in(TextMessage message) throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(64);
        TextMessageSerializer.INSTANCE.serialize(message, out);
        return new DataInputDeserializer(out.getCopyOfBuffer());
    }
}
