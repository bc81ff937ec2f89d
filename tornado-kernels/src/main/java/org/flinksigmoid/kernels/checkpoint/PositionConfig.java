package org.flinksigmoid.kernels.checkpoint;

/**
 * The {@code position} object of config.json.
 *
 * @param type how positions enter
 * @param theta RoPE's base, {@code rope_theta}
 */
public record PositionConfig(PositionKind type, double theta) {
    /** RoPE's base where config.json gives none. */
    public static final double DEFAULT_THETA = 10_000;

    static PositionConfig read(ConfigFields fields) {
        PositionConfig config =
                new PositionConfig(
                        fields.choice("type", PositionKind.values()),
                        fields.number("rope_theta", 1, 1e12, DEFAULT_THETA));
        fields.refuseUnused();
        return config;
    }
}
