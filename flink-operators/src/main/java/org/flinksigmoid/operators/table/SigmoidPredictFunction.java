package org.flinksigmoid.operators.table;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.AsyncPredictFunction;
import org.apache.flink.table.functions.FunctionContext;
import org.flinksigmoid.operators.inference.FailurePolicy;
import org.flinksigmoid.operators.inference.InferenceQueue;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.metrics.InferenceMetrics;

/**
 * ML_PREDICT with one of our models: rows in flight form batches. Flink keeps what is in flight in
 * its checkpoints and, unless told otherwise, the order of the rows. A NULL gives NULL results
 * without asking the model.
 *
 * @param <R> what a row becomes for the model
 */
public final class SigmoidPredictFunction<R> extends AsyncPredictFunction {
    private static final long serialVersionUID = 1L;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final String name;
    private final ModelDefinition definition;
    private final RowModel<R, ?> model;
    private transient InferenceQueue<R, Collection<RowData>> queue;
    private transient Collection<RowData> nothingKnown;

    SigmoidPredictFunction(String name, ModelDefinition definition, RowModel<R, ?> model) {
        this.name = name;
        this.definition = definition;
        this.model = model;
    }

    @Override
    public void open(FunctionContext context) throws Exception {
        model.open(context);
        InferenceMetrics metrics = new InferenceMetrics(context.getMetricGroup());
        nothingKnown = List.of(definition.output().empty());
        queue =
                new InferenceQueue<>(
                        "ML_PREDICT " + name, model, definition.settings(), metrics, this::instead);
    }

    private Collection<RowData> instead(String reason) {
        return definition.settings().onFailure() == FailurePolicy.SKIP
                ? List.of()
                : List.of(definition.output().failed(reason));
    }

    @Override
    public CompletableFuture<Collection<RowData>> asyncPredict(RowData input) {
        if (input.isNullAt(0)) {
            return CompletableFuture.completedFuture(nothingKnown);
        }
        R record;
        try {
            record = model.read(input);
        } catch (InvalidRecordException e) {
            return queue.refuse(e);
        }
        return queue.submit(record);
    }

    @Override
    public void close() {
        if (queue == null) {
            model.close();
        } else {
            queue.close(PATIENCE);
        }
    }
}
