package org.flinksigmoid.operators.table;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.apache.flink.api.common.externalresource.ExternalResourceInfo;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.functions.FunctionContext;
import org.flinksigmoid.kernels.model.InvalidInputException;
import org.flinksigmoid.operators.device.GpuIndex;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.inference.SharedModel;
import org.flinksigmoid.operators.metrics.ModelStatus;
import org.flinksigmoid.operators.table.OutputColumns.Typed;

/**
 * A loaded model between rows and rows. {@link #read} runs on the task's thread, {@link #infer} on
 * the queue's.
 *
 * @param <R> what a row becomes for the model
 * @param <M> the model
 */
abstract class RowModel<R, M extends AutoCloseable>
        implements InferenceFunction<R, Collection<RowData>> {
    private static final long serialVersionUID = 1L;

    private final ModelDefinition definition;
    private transient SharedModel<M> shared;
    private transient StringData version;

    RowModel(ModelDefinition definition) {
        this.definition = definition;
    }

    /** Loads the model, or joins those who share it. */
    final void open(FunctionContext context) throws Exception {
        shared = share(context.getExternalResourceInfos(GpuIndex.RESOURCE));
        version = StringData.fromString(shared.status().version());
        opened(shared.get());
    }

    /** A share in the definition's model. */
    abstract SharedModel<M> share(Set<ExternalResourceInfo> resources) throws Exception;

    /** Takes from the model what is needed later. */
    abstract void opened(M model);

    /**
     * Makes a record of a row, which is the caller's to use again.
     *
     * @param input one column, not NULL
     * @throws InvalidRecordException if the model can't take it
     */
    abstract R read(RowData input) throws InvalidRecordException;

    /** The model's outputs, one a record. */
    abstract List<float[]> outputs(List<R> batch);

    /** Gives what the columns ask of an output, but for the version and the error. */
    abstract Columns columns(float[] output);

    /** What the columns of a row hold. */
    interface Columns {
        /** In the internal form of the column's type. */
        Object value(Typed column);
    }

    @Override
    public final List<Collection<RowData>> infer(List<R> batch) throws InvalidRecordException {
        List<float[]> outputs;
        try {
            outputs = outputs(batch);
        } catch (InvalidInputException e) {
            throw new InvalidRecordException(e.index(), e.getMessage(), e);
        }
        List<Collection<RowData>> rows = new ArrayList<>(outputs.size());
        for (float[] output : outputs) {
            Columns columns = columns(output);
            rows.add(List.of(definition.output().row(column -> value(column, columns))));
        }
        return rows;
    }

    private Object value(Typed column, Columns columns) {
        return switch (column.what()) {
            case MODEL_VERSION -> version;
            case ERROR -> null;
            default -> columns.value(column);
        };
    }

    final ModelDefinition definition() {
        return definition;
    }

    /** The model, between open and close. */
    final M model() {
        return shared.get();
    }

    @Override
    public final ModelStatus status() {
        return shared.status();
    }

    @Override
    public final void close() {
        if (shared != null) {
            shared.close();
        }
    }
}
