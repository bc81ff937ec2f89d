package org.flinksigmoid.operators.table;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.table.data.GenericArrayData;
import org.apache.flink.table.data.GenericMapData;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.FunctionContext;
import org.flinksigmoid.kernels.model.InvalidInputException;
import org.flinksigmoid.kernels.model.TextModel;
import org.flinksigmoid.operators.device.SharedEngines.Lease;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.table.OutputColumns.Typed;

/** Texts to classes, scores or embeddings. A record is a text's token ids. */
final class TextRows implements RowModel<int[]> {
    private static final long serialVersionUID = 1L;

    private final ModelDefinition definition;
    private transient Lease<TextModel> lease;
    private transient StringData[] labels;
    private transient StringData version;

    TextRows(ModelDefinition definition) {
        this.definition = definition;
    }

    @Override
    public void open(FunctionContext context) throws Exception {
        lease =
                SharedModel.acquire(
                        definition.path(),
                        definition.engine(),
                        context,
                        TextModel.class,
                        TextModel::load);
        TextModel model = lease.engine();
        labels = model.labels().stream().map(StringData::fromString).toArray(StringData[]::new);
        version = StringData.fromString(model.info().version());
    }

    @Override
    public int[] read(RowData input) {
        return lease.engine().encode(input.getString(0).toString());
    }

    @Override
    public long tokens(int[] tokens) {
        return Math.max(1, tokens.length);
    }

    @Override
    public List<Collection<RowData>> infer(List<int[]> batch) throws InvalidRecordException {
        List<float[]> outputs;
        try {
            outputs = lease.engine().infer(batch);
        } catch (InvalidInputException e) {
            throw new InvalidRecordException(e.index(), e.getMessage(), e);
        }
        List<Collection<RowData>> rows = new ArrayList<>(outputs.size());
        for (float[] output : outputs) {
            int best = best(output);
            rows.add(List.of(definition.output().row(column -> value(column, output, best))));
        }
        return rows;
    }

    private Object value(Typed column, float[] output, int best) {
        return switch (column.what()) {
            case LABEL -> labels[best];
            case SCORE -> number(column, output[best]);
            case SCORES -> scores(column, output);
            case EMBEDDING -> vector(column, output);
            case MODEL_VERSION -> version;
            case ERROR -> null;
            case TRANSCRIPT -> throw new IllegalStateException("a text has no transcript");
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

    private static int best(float[] output) {
        int best = 0;
        for (int i = 1; i < output.length; i++) {
            if (output[i] > output[best]) {
                best = i;
            }
        }
        return best;
    }

    @Override
    public ModelStatus status() {
        return ModelStatus.of(
                lease.engine().info().version(),
                lease.key().bytes(),
                lease.loadNanos() / 1_000_000);
    }

    @Override
    public void close() {
        if (lease != null) {
            lease.close();
        }
    }
}
