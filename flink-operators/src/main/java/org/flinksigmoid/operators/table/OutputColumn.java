package org.flinksigmoid.operators.table;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import org.apache.flink.table.types.logical.ArrayType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.table.types.logical.MapType;
import org.apache.flink.table.types.logical.VarCharType;
import org.flinksigmoid.kernels.checkpoint.Task;

/** What a model can say in a column. */
enum OutputColumn {
    /** The best class. */
    LABEL("STRING"),
    /** Probability of the best class, or the score. */
    SCORE("FLOAT or DOUBLE"),
    /** Probability of every class. */
    SCORES("MAP<STRING, FLOAT> or MAP<STRING, DOUBLE>"),
    /** The vector. */
    EMBEDDING("ARRAY<FLOAT> or ARRAY<DOUBLE>"),
    /** What was said. */
    TRANSCRIPT("STRING"),
    /** Version of the checkpoint. */
    MODEL_VERSION("STRING"),
    /** Why there is no result. */
    ERROR("STRING");

    private final String expected;

    OutputColumn(String expected) {
        this.expected = expected;
    }

    /** Its name, by which it is found whatever its type. */
    String columnName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The types that it may have, for messages. */
    String expected() {
        return expected;
    }

    /** Whether a column of another name is this if its type fits. */
    boolean isFoundByType() {
        return this != MODEL_VERSION && this != ERROR;
    }

    /** What a task's model can say. */
    static Set<OutputColumn> of(Task task) {
        EnumSet<OutputColumn> columns =
                switch (task) {
                    case TEXT_CLASSIFICATION -> EnumSet.of(LABEL, SCORE, SCORES);
                    case SCORE -> EnumSet.of(SCORE);
                    case EMBEDDING -> EnumSet.of(EMBEDDING);
                    case CTC -> EnumSet.of(TRANSCRIPT);
                };
        columns.add(MODEL_VERSION);
        columns.add(ERROR);
        return columns;
    }

    /** Whether it can be written as that type. */
    boolean accepts(LogicalType type) {
        return type.isNullable()
                && switch (this) {
                    case LABEL, TRANSCRIPT, MODEL_VERSION, ERROR -> isString(type);
                    case SCORE -> isNumber(type);
                    case SCORES ->
                            type instanceof MapType map
                                    && isString(map.getKeyType())
                                    && isNumber(map.getValueType());
                    case EMBEDDING ->
                            type instanceof ArrayType array && isNumber(array.getElementType());
                };
    }

    /** Whether its numbers are doubles, in a type that it {@link #accepts}. */
    static boolean isDouble(LogicalType type) {
        return switch (type) {
            case MapType map -> isDouble(map.getValueType());
            case ArrayType array -> isDouble(array.getElementType());
            default -> type.is(LogicalTypeRoot.DOUBLE);
        };
    }

    static boolean isString(LogicalType type) {
        return type instanceof VarCharType string && string.getLength() == VarCharType.MAX_LENGTH;
    }

    private static boolean isNumber(LogicalType type) {
        return type.is(LogicalTypeRoot.FLOAT) || type.is(LogicalTypeRoot.DOUBLE);
    }
}
