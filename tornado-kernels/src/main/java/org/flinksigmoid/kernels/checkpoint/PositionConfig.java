package org.flinksigmoid.kernels.checkpoint;

/**
 * The {@code position} object of config.json.
 *
 * @param type how positions enter
 * @param theta RoPE's base, {@code rope_theta}
 * @param first row of a learned table that is the first position's
 */
public record PositionConfig(PositionKind type, double theta, int first) {
    /** RoPE's base where config.json gives none. */
    public static final double DEFAULT_THETA = 10_000;

    static PositionConfig read(ConfigFields fields) {
        PositionConfig config =
                new PositionConfig(
                        fields.choice("type", PositionKind.values()),
                        fields.number("rope_theta", 1, 1e12, DEFAULT_THETA),
                        0);
        fields.refuseUnused();
        return config;
    }

    /** Learned positions. */
    static PositionConfig learned(int first) {
        return new PositionConfig(PositionKind.LEARNED, DEFAULT_THETA, first);
    }
}
