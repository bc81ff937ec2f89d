package org.flinksigmoid.operators.types;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Round trip of a window of {@code frames x 40} features: our serializer, Kryo with our
 * registration, and Kryo left to itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 3,
        jvmArgs = {
            "@../pipelines/src/main/dist/conf/jvm.options",
            "-Xms1g", // a heap that grows in mid-measurement is what scatters the times
            "-Xmx1g",
            "-XX:+AlwaysPreTouch"
        })
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 10, time = 1)
public class SerializerBenchmark {
    /** Who serializes. */
    public enum With {
        /** {@link FeatureWindowSerializer}. */
        OWN,
        /** Kryo and {@link KryoRegistrations}. */
        KRYO_REGISTERED,
        /** Kryo and nothing else. */
        KRYO_PLAIN
    }

    /** The contender. */
    @Param public With with;

    /** 400 frames are 16,000 floats. */
    @Param({"64", "400"})
    public int frames;

    private TypeSerializer<Object> serializer;
    private FeatureWindow window;
    private final DataOutputSerializer out = new DataOutputSerializer(1 << 17);
    private final DataInputDeserializer in = new DataInputDeserializer();

    /** Makes the window and checks one round trip. */
    @Setup
    @SuppressWarnings("unchecked") // the serializer only meets windows
    public void prepare() throws IOException {
        float[] features = new float[frames * 40];
        for (int i = 0; i < features.length; i++) {
            features[i] = i * 0.001f - 7;
        }
        window = new FeatureWindow("stream-17", 12, 1L << 40, 768, frames, 40, features, false, 0);
        SerializerConfigImpl config = new SerializerConfigImpl();
        if (with == With.KRYO_REGISTERED) {
            config.configure(
                    KryoRegistrations.addTo(new Configuration()), getClass().getClassLoader());
        }
        serializer =
                with == With.OWN
                        ? (TypeSerializer<Object>)
                                (TypeSerializer<?>) FeatureWindowSerializer.INSTANCE
                        : TypeInformation.of(Object.class).createSerializer(config);
        FeatureWindow back = (FeatureWindow) roundTrip();
        if (!Arrays.equals(back.features(), features)) {
            throw new IllegalStateException("the round trip changed the features");
        }
    }

    /** One record written and read. */
    @Benchmark
    public Object roundTrip() throws IOException {
        out.clear();
        serializer.serialize(window, out);
        in.setBuffer(out.getSharedBuffer(), 0, out.length());
        return serializer.deserialize(in);
    }
}
