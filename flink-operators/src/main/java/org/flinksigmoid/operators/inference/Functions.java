package org.flinksigmoid.operators.inference;

import java.util.List;
import org.apache.flink.api.common.functions.RuntimeContext;

/** The operator's function and the one of its second model, if there is one: open and closed. */
final class Functions<I, O> {
    private final InferenceFunction<I, O> first;

    /** Null if there is none. */
    private final SecondModel<I, O> second;

    private boolean firstOpen;
    private boolean secondOpen;

    Functions(OperatorPlan<I, O> plan) {
        this.first = plan.function();
        this.second = plan.second();
    }

    void open(RuntimeContext context) throws Exception {
        firstOpen = true; // if it fails half-way, it is closed all the same
        first.open(context);
        if (second != null) {
            secondOpen = true;
            second.function().open(context);
        }
    }

    /**
     * Whether the second model answers a record.
     *
     * @param key the record's key, or the record itself on a stream without keys
     */
    boolean secondAnswers(Object key) {
        return second != null && second.mode() == SecondModel.Mode.AB_TEST && second.takes(key);
    }

    /** Whether the second model looks on. */
    boolean hasShadow() {
        return second != null && second.mode() == SecondModel.Mode.SHADOW;
    }

    /** What answers. */
    InferenceFunction<I, O> of(boolean secondAnswers) {
        return secondAnswers ? second.function() : first;
    }

    /**
     * Closes what is not in use any more, and what is when its calls have ended.
     *
     * @param operator its name
     * @param calling threads that are still in a call of the operator
     * @param callingSecond threads that are still in a call of the second model
     */
    void close(String operator, List<Thread> calling, List<Thread> callingSecond) {
        if (firstOpen) {
            firstOpen = false;
            LateClose.close(operator, calling, first::close);
        }
        if (secondOpen) {
            secondOpen = false;
            LateClose.close(operator, callingSecond, second.function()::close);
        }
    }
}
