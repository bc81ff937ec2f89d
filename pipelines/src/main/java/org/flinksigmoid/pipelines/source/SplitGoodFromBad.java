package org.flinksigmoid.pipelines.source;

import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.types.Either;
import org.apache.flink.util.Collector;

/** Passes records on and sends {@link BadInput} to its side output. */
final class SplitGoodFromBad<T> extends ProcessFunction<Either<T, BadInput>, T> {
    private static final long serialVersionUID = 1;

    @Override
    public void processElement(Either<T, BadInput> value, Context context, Collector<T> out) {
        if (value.isLeft()) {
            out.collect(value.left());
        } else {
            context.output(BadInput.TAG, value.right());
        }
    }
}
