package org.flinksigmoid.operators.inference;

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
     * Closes what is not in use any more; what is stays open.
     *
     * @param firstIdle whether no call of the operator runs
     * @param secondIdle whether no call of the second model runs
     */
    void close(boolean firstIdle, boolean secondIdle) throws Exception {
        try {
            if (firstOpen && firstIdle) {
                firstOpen = false;
                first.close();
            }
        } finally {
            if (secondOpen && secondIdle) {
                secondOpen = false;
                second.function().close();
            }
        }
    }
}
