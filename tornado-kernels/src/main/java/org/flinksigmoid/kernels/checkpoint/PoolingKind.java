package org.flinksigmoid.kernels.checkpoint;

/** How one row comes from a sequence's rows. */
public enum PoolingKind implements Keyed {
    /** Their mean. */
    MEAN("mean"),
    /** The first. */
    CLS("cls"),
    /** The largest of each column. */
    MAX("max");

    private final String key;

    PoolingKind(String key) {
        this.key = key;
    }

    @Override
    public String key() {
        return key;
    }
}
