package org.flinksigmoid.operators.table;

import java.util.Set;
import org.apache.flink.configuration.ConfigOption;
import org.apache.flink.table.factories.FactoryUtil;
import org.apache.flink.table.factories.ModelProviderFactory;
import org.apache.flink.table.ml.ModelProvider;

/**
 * Models in SQL, found by Flink as provider {@code flink-sigmoid}.
 *
 * <pre>
 * CREATE MODEL langid INPUT (text STRING) OUTPUT (label STRING, score FLOAT)
 * WITH ('provider' = 'flink-sigmoid', 'path' = '/models/langid');
 * SELECT * FROM ML_PREDICT(TABLE messages, MODEL langid, DESCRIPTOR(text));
 * </pre>
 *
 * <p>Options are those of {@link SigmoidModelOptions}. Options, columns and checkpoint are checked
 * when a statement that uses the model is planned.
 */
public final class SigmoidModelProviderFactory implements ModelProviderFactory {
    /** The provider's name. */
    public static final String IDENTIFIER = "flink-sigmoid";

    /** Called by Flink. */
    public SigmoidModelProviderFactory() {}

    @Override
    public String factoryIdentifier() {
        return IDENTIFIER;
    }

    @Override
    public Set<ConfigOption<?>> requiredOptions() {
        return SigmoidModelOptions.REQUIRED;
    }

    @Override
    public Set<ConfigOption<?>> optionalOptions() {
        return SigmoidModelOptions.OPTIONAL;
    }

    @Override
    public ModelProvider createModelProvider(Context context) {
        FactoryUtil.ModelProviderFactoryHelper helper =
                FactoryUtil.createModelProviderFactoryHelper(this, context);
        helper.validate();
        String name = context.getObjectIdentifier().asSummaryString();
        ModelDefinition definition =
                ModelDefinition.of(helper.getOptions(), context.getCatalogModel());
        AsyncLimit limit = AsyncLimit.of(context.getConfiguration());
        limit.raise(name, definition.settings());
        return new SigmoidModelProvider(name, definition, limit);
    }
}
