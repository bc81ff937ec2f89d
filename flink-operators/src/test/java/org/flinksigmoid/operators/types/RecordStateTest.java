package org.flinksigmoid.operators.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeHint;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RecordStateTest {
    /** Snapshots and records of every type, as they were before results had a model's version. */
    private static final Path FIXTURE_V1 = Path.of("src/test/resources/state/records-v1.bin");

    /** The same with it, before frames were counted in 64 bits. */
    private static final Path FIXTURE_V2 = Path.of("src/test/resources/state/records-v2.bin");

    /** The same with them. */
    private static final Path FIXTURE = Path.of("src/test/resources/state/records-v3.bin");

    private static List<RecordSerializer<?>> serializers() {
        return List.of(
                AudioChunkSerializer.INSTANCE,
                FeatureWindowSerializer.INSTANCE,
                WindowLogProbsSerializer.INSTANCE,
                TranscriptSerializer.INSTANCE,
                TextMessageSerializer.INSTANCE,
                ScoreSerializer.INSTANCE,
                ModelUpdateSerializer.INSTANCE,
                ModelEventSerializer.INSTANCE);
    }

    /** The small samples of a type. */
    private static Stream<?> samples(RecordSerializer<?> serializer) {
        return Stream.of(
                        Samples.CHUNKS,
                        Samples.WINDOWS,
                        Samples.LOG_PROBS,
                        Samples.TRANSCRIPTS,
                        Samples.MESSAGES,
                        Samples.SCORES,
                        Samples.UPDATES,
                        Samples.EVENTS)
                .flatMap(Arrays::stream)
                .filter(record -> serializer.type().isInstance(record));
    }

    private static <T> byte[] bytes(RecordSerializer<T> serializer, Object record) {
        return serializer.toBytes(serializer.type().cast(record));
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void everyCutAndEveryTrailingByteIsRefused(RecordSerializer<?> serializer) {
        byte[] bytes = bytes(serializer, samples(serializer).skip(1).findFirst().orElseThrow());
        for (int length = 0; length < bytes.length; length++) {
            byte[] cut = Arrays.copyOf(bytes, length);
            assertThatThrownBy(() -> serializer.fromBytes(cut))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(serializer.type().getSimpleName());
        }
        assertThatThrownBy(() -> serializer.fromBytes(Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("trailing");
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void unknownVersionsAreRefused(RecordSerializer<?> serializer) {
        byte[] bytes = bytes(serializer, samples(serializer).findFirst().orElseThrow());
        for (int version : new int[] {0, serializer.version() + 1, -1}) {
            bytes[0] = (byte) version;
            assertThatThrownBy(() -> serializer.fromBytes(bytes))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("version " + version);
        }
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void stateOfANewerVersionIsRefusedAtRestore(RecordSerializer<?> serializer) throws Exception {
        assertThat(compatibility(serializer, 1)).isTrue();
        assertThat(compatibility(serializer, serializer.version())).isTrue();
        assertThat(compatibility(serializer, serializer.version() + 1)).isFalse();
    }

    private static <T> boolean compatibility(RecordSerializer<T> serializer, int version)
            throws Exception {
        RecordSerializerSnapshot<T> old = serializer.snapshotConfiguration();
        old.readSnapshot(
                1,
                new DataInputDeserializer(new byte[] {(byte) version}),
                serializer.getClass().getClassLoader());
        return serializer
                .snapshotConfiguration()
                .resolveSchemaCompatibility(old)
                .isCompatibleAsIs();
    }

    @Test
    void bytesOfEveryVersionAreStillRead() throws Exception {
        for (Path fixture : List.of(FIXTURE_V1, FIXTURE_V2, FIXTURE)) {
            DataInputDeserializer in = new DataInputDeserializer(Files.readAllBytes(fixture));
            for (RecordSerializer<?> serializer : serializers()) {
                readOne(serializer, in, written(serializer, fixture));
            }
            assertThat(in.available()).isZero();
        }
    }

    /** How many records of the type the fixture has: some samples came later. */
    private static int written(RecordSerializer<?> serializer, Path fixture) {
        int all = fixtureRecords(serializer).size();
        if (fixture.equals(FIXTURE)) {
            return all;
        }
        if (serializer == FeatureWindowSerializer.INSTANCE) {
            return all - 1;
        }
        int later = fixture.equals(FIXTURE_V1) ? 2 : 1;
        return serializer == WindowLogProbsSerializer.INSTANCE ? all - later : all;
    }

    private static <T> void readOne(
            RecordSerializer<T> serializer, DataInputDeserializer in, int count) throws Exception {
        TypeSerializerSnapshot<T> written =
                TypeSerializerSnapshot.readVersionedSnapshot(
                        in, RecordStateTest.class.getClassLoader());
        assertThat(
                        serializer
                                .snapshotConfiguration()
                                .resolveSchemaCompatibility(written)
                                .isCompatibleAsIs())
                .isTrue();
        TypeSerializer<T> reader = written.restoreSerializer();
        for (Object expected : fixtureRecords(serializer).stream().limit(count).toList()) {
            assertThat(reader.deserialize(in)).isEqualTo(expected);
        }
    }

    /** The samples that are small enough to commit. */
    private static List<?> fixtureRecords(RecordSerializer<?> serializer) {
        return samples(serializer).filter(r -> bytes(serializer, r).length < 500).toList();
    }

    /** Writes the fixture; run by hand when a version is released, under that version's name. */
    static void main() throws Exception {
        DataOutputSerializer out = new DataOutputSerializer(1024);
        for (RecordSerializer<?> serializer : serializers()) {
            writeOne(serializer, out);
        }
        Files.createDirectories(FIXTURE.getParent());
        Files.write(FIXTURE, out.getCopyOfBuffer());
    }

    private static <T> void writeOne(RecordSerializer<T> serializer, DataOutputSerializer out)
            throws Exception {
        TypeSerializerSnapshot.writeVersionedSnapshot(out, serializer.snapshotConfiguration());
        for (Object record : fixtureRecords(serializer)) {
            serializer.serialize(serializer.type().cast(record), out);
        }
    }

    @ParameterizedTest
    @MethodSource("serializers")
    void recordsInsideGenericTypesGoThroughTheRegisteredSerializer(RecordSerializer<?> serializer)
            throws Exception {
        Configuration configuration = KryoRegistrations.addTo(new Configuration());
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.configure(configuration, getClass().getClassLoader());
        TypeSerializer<Object> kryo = TypeInformation.of(Object.class).createSerializer(config);
        for (Object record : samples(serializer).toList()) {
            DataOutputSerializer out = new DataOutputSerializer(64);
            kryo.serialize(record, out);
            // a type tag, a length, and our bytes
            assertThat(out.length()).isLessThanOrEqualTo(bytes(serializer, record).length + 6);
            assertThat(kryo.deserialize(new DataInputDeserializer(out.getCopyOfBuffer())))
                    .isEqualTo(record);
            assertThat(kryo.copy(record)).isEqualTo(record);
        }
    }

    @Test
    void registrationsComeBehindThoseOfTheJob() {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.SERIALIZATION_CONFIG, List.of("a: {type: pojo}"));
        assertThat(KryoRegistrations.addTo(configuration).get(PipelineOptions.SERIALIZATION_CONFIG))
                .hasSize(1 + KryoRegistrations.types().size())
                .startsWith("a: {type: pojo}");
    }

    @Test
    void typesAreFoundWithoutGenericTypes() {
        SerializerConfigImpl config = new SerializerConfigImpl();
        config.setGenericTypes(false);
        for (RecordSerializer<?> serializer : serializers()) {
            assertThat(TypeInformation.of(serializer.type()).createSerializer(config))
                    .isEqualTo(serializer);
        }
        TypeInformation<DeadLetter<AudioChunk>> letters = TypeInformation.of(new TypeHint<>() {});
        assertThat(letters.createSerializer(config))
                .isEqualTo(new DeadLetterSerializer<>(AudioChunkSerializer.INSTANCE));
    }

    @Test
    void recordsSayWhichFieldIsWrong() {
        assertThatThrownBy(() -> new FeatureWindow("s", 0, 0, 0, 2, 40, new float[79], false, 0))
                .hasMessage("FeatureWindow.features: expected 2 x 40 values, found 79");
        assertThatThrownBy(() -> new AudioChunk("s", 0, 0, 8000, null, false))
                .hasMessage("AudioChunk.samples: expected a value, found null");
        assertThatThrownBy(() -> WindowLogProbs.of(Samples.WINDOWS[0], 3, new float[4]))
                .hasMessageContaining("a multiple of 3 classes, found 4 values");
    }
}
