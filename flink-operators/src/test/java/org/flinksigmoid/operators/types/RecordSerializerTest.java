package org.flinksigmoid.operators.types;

import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.SerializerTestBase;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.junit.jupiter.api.Nested;

/** Flink's own conformance tests on each of our serializers. */
class RecordSerializerTest {
    abstract static class Conformance<T> extends SerializerTestBase<T> {
        private final Class<T> type;
        private final T[] data;

        @SafeVarargs
        Conformance(Class<T> type, T... data) {
            this.type = type;
            this.data = data;
        }

        @Override
        protected TypeSerializer<T> createSerializer() {
            return TypeInformation.of(type).createSerializer(new SerializerConfigImpl());
        }

        @Override
        protected int getLength() {
            return -1;
        }

        @Override
        protected Class<T> getTypeClass() {
            return type;
        }

        @Override
        protected T[] getTestData() {
            return data;
        }
    }

    @Nested
    class AudioChunks extends Conformance<AudioChunk> {
        AudioChunks() {
            super(AudioChunk.class, Samples.CHUNKS);
        }
    }

    @Nested
    class FeatureWindows extends Conformance<FeatureWindow> {
        FeatureWindows() {
            super(FeatureWindow.class, Samples.WINDOWS);
        }
    }

    @Nested
    class LogProbs extends Conformance<WindowLogProbs> {
        LogProbs() {
            super(WindowLogProbs.class, Samples.LOG_PROBS);
        }
    }

    @Nested
    class Transcripts extends Conformance<Transcript> {
        Transcripts() {
            super(Transcript.class, Samples.TRANSCRIPTS);
        }
    }

    @Nested
    class Messages extends Conformance<TextMessage> {
        Messages() {
            super(TextMessage.class, Samples.MESSAGES);
        }
    }

    @Nested
    class Scores extends Conformance<Score> {
        Scores() {
            super(Score.class, Samples.SCORES);
        }
    }

    @Nested
    class Updates extends Conformance<ModelUpdate> {
        Updates() {
            super(ModelUpdate.class, Samples.UPDATES);
        }
    }

    @Nested
    class Events extends Conformance<ModelEvent> {
        Events() {
            super(ModelEvent.class, Samples.EVENTS);
        }
    }

    @Nested
    class DeadLetters extends SerializerTestBase<DeadLetter<TextMessage>> {
        @Override
        protected TypeSerializer<DeadLetter<TextMessage>> createSerializer() {
            return new DeadLetterTypeInfo<>(TypeInformation.of(TextMessage.class))
                    .createSerializer(new SerializerConfigImpl());
        }

        @Override
        protected int getLength() {
            return -1;
        }

        @Override
        @SuppressWarnings("unchecked") // a class has no type arguments
        protected Class<DeadLetter<TextMessage>> getTypeClass() {
            return (Class<DeadLetter<TextMessage>>) (Class<?>) DeadLetter.class;
        }

        @Override
        @SuppressWarnings("unchecked") // an array of a generic type
        protected DeadLetter<TextMessage>[] getTestData() {
            return new DeadLetter[] {
                new DeadLetter<>(Samples.MESSAGES[0], "TimeoutException: late", 3),
                new DeadLetter<>(Samples.MESSAGES[2], "", 0),
            };
        }
    }
}
