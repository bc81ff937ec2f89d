package org.flinksigmoid.pipelines;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.Map;
import java.util.TreeSet;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;

/** Options of the operators as a user gives them: {@code -Dkey=value}. */
public final class OperatorSettings {
    private OperatorSettings() {}

    /**
     * The settings as Flink keeps them.
     *
     * @param holders classes whose public constants are the options that the job's operators have
     * @throws IllegalArgumentException on a key that none of them has, or a value that an option
     *     can't be read from
     */
    public static Configuration of(Map<String, String> settings, Class<?>... holders) {
        Configuration configuration = Configuration.fromMap(settings);
        TreeSet<String> known = new TreeSet<>();
        for (Class<?> holder : holders) {
            for (Field field : holder.getFields()) {
                if (Modifier.isStatic(field.getModifiers())
                        && field.getType() == ConfigOption.class) {
                    ConfigOption<?> option = option(field);
                    known.add(option.key());
                    configuration.getOptional(option); // says so if it does not parse
                }
            }
        }
        for (String key : settings.keySet()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException(
                        "-D: expected one of %s, found %s".formatted(known, key));
            }
        }
        return configuration;
    }

    private static ConfigOption<?> option(Field field) {
        try {
            return (ConfigOption<?>) field.get(null);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(field + " of a class that is not public", e);
        }
    }
}
