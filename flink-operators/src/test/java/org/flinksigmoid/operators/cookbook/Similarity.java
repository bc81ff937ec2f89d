package org.flinksigmoid.operators.cookbook;

import org.apache.flink.table.functions.ScalarFunction;

/** Product of two vectors; of vectors of length 1, as embeddings are, their similarity. */
public final class Similarity extends ScalarFunction {
    private static final long serialVersionUID = 1L;

    public Double eval(Float[] a, Float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
