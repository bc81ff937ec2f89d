package org.flinksigmoid.operators.table;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.inference.SharedModel;
import org.flinksigmoid.operators.table.OutputColumns.Typed;

/** Texts to classes, scores or embeddings. A record is a text's token ids. */
final class TextRows extends RowModel<int[], TextModel> {
    private static final long serialVersionUID = 1L;

    private transient StringData[] labels;

    TextRows(ModelDefinition definition) {
        super(definition);
    }

    @Override
    SharedModel<TextModel> share(Set<ExternalResourceInfo> resources) throws Exception {
        return SharedModel.text(definition().path(), definition().engine(), resources);
    }

    @Override
    void opened(TextModel model) {
        labels = model.labels().stream().map(StringData::fromString).toArray(StringData[]::new);
    }

    @Override
    int[] read(RowData input) {
        return model().encode(input.getString(0).toString());
    }

    @Override
    public long tokens(int[] tokens) {
        return Math.max(1, tokens.length);
    }

    @Override
    List<float[]> outputs(List<int[]> batch) {
        return model().infer(batch);
    }

    @Override
    Columns columns(float[] output) {
        int best = TextModel.best(output);
        return column -> value(column, output, best);
    }

    private Object value(Typed column, float[] output, int best) {
        return switch (column.what()) {
            case LABEL -> labels[best];
            case SCORE -> number(column, output[best]);
            case SCORES -> scores(column, output);
            case EMBEDDING -> vector(column, output);
            case TRANSCRIPT, MODEL_VERSION, ERROR ->
                    throw new IllegalStateException("a text has no " + column.what());
        };
    }

    private GenericMapData scores(Typed column, float[] output) {
        Map<StringData, Object> scores = LinkedHashMap.newLinkedHashMap(output.length);
        for (int i = 0; i < output.length; i++) {
            scores.put(labels[i], number(column, output[i]));
        }
        return new GenericMapData(scores);
    }

    private static GenericArrayData vector(Typed column, float[] output) {
        if (!column.doubles()) {
            return new GenericArrayData(output);
        }
        double[] doubles = new double[output.length];
        Arrays.setAll(doubles, i -> output[i]);
        return new GenericArrayData(doubles);
    }

    /** A float or a double: not to be written with a conditional, which would widen both. */
    private static Object number(Typed column, float value) {
        if (column.doubles()) {
            return (double) value;
        }
        return value;
    }
}
