package org.flinksigmoid.operators.table;

import java.util.Collection;
import org.apache.flink.table.data.RowData;
import org.apache.flink.table.functions.FunctionContext;
import org.flinksigmoid.operators.inference.InferenceFunction;
import org.flinksigmoid.operators.inference.InvalidRecordException;

/**
 * A loaded model between rows and rows. {@link #read} runs on the task's thread, {@link #infer} on
 * the queue's.
 *
 * @param <R> what a row becomes for the model
 */
interface RowModel<R> extends InferenceFunction<R, Collection<RowData>> {
    /** Loads the model, or joins those who share it. */
    void open(FunctionContext context) throws Exception;

    /**
     * Makes a record of a row, which is the caller's to use again.
     *
     * @param input one column, not NULL
     * @throws InvalidRecordException if the model can't take it
     */
    R read(RowData input) throws InvalidRecordException;
}
