package org.flinksigmoid.operators.types;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;

/**
 * Kryo registrations for jobs that carry our records inside types that Flink leaves to Kryo, such
 * as a {@code List<Object>} field. Jobs whose streams are typed with our records need none of this.
 *
 * <p>In code: {@code KryoRegistrations.addTo(configuration)} before the environment is made from
 * it. In {@code config.yaml}: the lines of {@link #configLines()} under {@code
 * pipeline.serialization-config}. The order of registrations is part of a savepoint: new types are
 * added at the end.
 */
public final class KryoRegistrations {
    private static final List<Class<?>> TYPES =
            List.of(
                    AudioChunk.class,
                    FeatureWindow.class,
                    WindowLogProbs.class,
                    Transcript.class,
                    TextMessage.class,
                    Score.class,
                    ModelUpdate.class,
                    ModelEvent.class);

    private KryoRegistrations() {}

    /** The registered record classes, in the order of registration. */
    public static List<Class<?>> types() {
        return TYPES;
    }

    /** One entry of {@code pipeline.serialization-config} for each of our types. */
    public static List<String> configLines() {
        return TYPES.stream().map(KryoRegistrations::configLine).toList();
    }

    /**
     * One entry of {@code pipeline.serialization-config}.
     *
     * @param type a record whose type information is a {@link RecordTypeInfo}
     */
    public static String configLine(Class<?> type) {
        return "%s: {type: kryo, kryo-type: registered, class: %s}"
                .formatted(type.getName(), RecordKryoSerializer.class.getName());
    }

    /**
     * Adds our types behind what the configuration already registers.
     *
     * @return the configuration
     */
    public static Configuration addTo(Configuration configuration) {
        List<String> lines =
                new ArrayList<>(
                        configuration
                                .getOptional(PipelineOptions.SERIALIZATION_CONFIG)
                                .orElse(List.of()));
        lines.addAll(configLines());
        return configuration.set(PipelineOptions.SERIALIZATION_CONFIG, lines);
    }
}
