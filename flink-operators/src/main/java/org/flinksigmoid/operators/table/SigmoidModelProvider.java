package org.flinksigmoid.operators.table;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.api.config.MLPredictRuntimeConfigOptions;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.ml.AsyncPredictRuntimeProvider;
import org.apache.flink.table.ml.ModelProvider;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.flinksigmoid.kernels.checkpoint.Task;

/** A model for the planner. Immutable. */
final class SigmoidModelProvider implements AsyncPredictRuntimeProvider {
    private final String name;
    private final ModelDefinition definition;
    private final AsyncLimit limit;

    SigmoidModelProvider(String name, ModelDefinition definition, AsyncLimit limit) {
        this.name = name;
        this.definition = definition;
        this.limit = limit;
    }

    /** Called when the planner has read all it wants of the session's configuration. */
    @Override
    public AsyncPredictFunction createAsyncPredictFunction(Context context) {
        limit.lower();
        requireKnown(context.runtimeConfig());
        AsyncLimit.check(name, context.runtimeConfig(), definition.settings());
        if (definition.task() != Task.CTC) {
            return new SigmoidPredictFunction<>(name, definition, new TextRows(definition));
        }
        LogicalType input =
                context.getCatalogModel()
                        .getResolvedInputSchema()
                        .getColumnDataTypes()
                        .getFirst()
                        .getLogicalType();
        return new SigmoidPredictFunction<>(
                name, definition, new SpeechRows(definition, input instanceof ArrayType));
    }

    /** The planner itself accepts anything in the MAP of a query. */
    private void requireKnown(ReadableConfig query) {
        Set<String> known =
                MLPredictRuntimeConfigOptions.getSupportedOptions().stream()
                        .map(option -> ((ConfigOption<?>) option).key())
                        .collect(Collectors.toCollection(TreeSet::new));
        if (query instanceof Configuration configuration) {
            for (String key : configuration.keySet()) {
                if (!known.contains(key)) {
                    throw new ValidationException(
                            "ML_PREDICT with model %s: expected keys %s in its MAP, found %s"
                                    .formatted(name, known, key));
                }
            }
        }
    }

    @Override
    public ModelProvider copy() {
        return this;
    }
}
