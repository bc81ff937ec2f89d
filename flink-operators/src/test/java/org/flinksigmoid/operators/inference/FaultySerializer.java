package org.flinksigmoid.operators.inference;

import java.io.IOException;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeutils.SimpleTypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.api.common.typeutils.base.TypeSerializerSingleton;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.flinksigmoid.operators.types.Score;
import org.flinksigmoid.operators.types.ScoreSerializer;
import org.flinksigmoid.operators.types.TextMessage;
import org.flinksigmoid.operators.types.TextMessageSerializer;

/** Serializers that fail at random, for all of a test's operators. */
abstract class FaultySerializer<T> extends TypeSerializerSingleton<T> {
    private static Random random = new Random(0);
    private static Map<Place, Double> chances = Map.of();

    private final TypeSerializer<T> serializer;

    FaultySerializer(TypeSerializer<T> serializer) {
        this.serializer = serializer;
    }

    /** Where it may fail. */
    enum Place {
        /** State is written. */
        WRITE,
        /** State is read. */
        READ,
        /** A result is handed to the next operator. */
        COLLECT
    }

    /** From now on it fails that often. */
    static synchronized void faults(long seed, Map<Place, Double> chancesOfPlaces) {
        random = new Random(seed);
        chances = chancesOfPlaces;
    }

    private static synchronized void perhapsFail(Place place) throws IOException {
        if (random.nextDouble() < chances.getOrDefault(place, 0.0)) {
            throw new IOException("injected: " + place);
        }
    }

    /** Of what comes in. */
    static final class OfMessages extends FaultySerializer<TextMessage> {
        OfMessages() {
            super(TextMessageSerializer.INSTANCE);
        }

        @Override
        public TypeSerializerSnapshot<TextMessage> snapshotConfiguration() {
            return new Snapshot();
        }

        /** Called by Flink. */
        public static final class Snapshot extends SimpleTypeSerializerSnapshot<TextMessage> {
            /** Called by Flink. */
            public Snapshot() {
                super(OfMessages::new);
            }
        }
    }

    /** Of what goes out. */
    static final class OfScores extends FaultySerializer<Score> {
        OfScores() {
            super(ScoreSerializer.INSTANCE);
        }

        @Override
        public Score copy(Score from) {
            try {
                perhapsFail(Place.COLLECT);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
            return from;
        }

        @Override
        public TypeSerializerSnapshot<Score> snapshotConfiguration() {
            throw new UnsupportedOperationException("results are no state");
        }
    }

    @Override
    public void serialize(T record, DataOutputView target) throws IOException {
        perhapsFail(Place.WRITE);
        serializer.serialize(record, target);
    }

    @Override
    public T deserialize(DataInputView source) throws IOException {
        perhapsFail(Place.READ);
        return serializer.deserialize(source);
    }

    @Override
    public T deserialize(T reuse, DataInputView source) throws IOException {
        return deserialize(source);
    }

    @Override
    public void copy(DataInputView source, DataOutputView target) throws IOException {
        serializer.copy(source, target);
    }

    @Override
    public T copy(T from) {
        return from;
    }

    @Override
    public T copy(T from, T reuse) {
        return copy(from);
    }

    @Override
    public T createInstance() {
        return serializer.createInstance();
    }

    @Override
    public boolean isImmutableType() {
        return true;
    }

    @Override
    public int getLength() {
        return -1;
    }
}
