package org.flinksigmoid.operators.table;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.catalog.Column;
import org.apache.flink.table.catalog.ResolvedSchema;
import org.apache.flink.table.data.GenericRowData;
import org.apache.flink.table.data.StringData;
import org.apache.flink.table.types.logical.LogicalType;
import org.flinksigmoid.kernels.checkpoint.Task;

/**
 * The columns that a model's OUTPUT declares, and how rows of them are made.
 *
 * @param columns in the order of the declaration
 */
record OutputColumns(List<Typed> columns) implements Serializable {
    OutputColumns {
        columns = List.copyOf(columns);
    }

    /**
     * One column.
     *
     * @param what it holds
     * @param doubles whether its numbers are doubles, not floats
     */
    record Typed(OutputColumn what, boolean doubles) implements Serializable {}

    /** What a result puts into a column, in Flink's internal form. */
    @FunctionalInterface
    interface Values {
        Object of(Typed column);
    }

    /**
     * Finds what each column is for: by its name ({@code label}, {@code score}, {@code scores},
     * {@code embedding}, {@code transcript}, {@code model_version}, {@code error}), else by its
     * type.
     *
     * @throws ValidationException naming column, expected and found
     */
    static OutputColumns of(Task task, ResolvedSchema schema) {
        Set<OutputColumn> possible = OutputColumn.of(task);
        List<Typed> columns = new ArrayList<>();
        for (Column column : schema.getColumns()) {
            LogicalType type = column.getDataType().getLogicalType();
            OutputColumn what = find(task, possible, column.getName(), type);
            if (columns.stream().anyMatch(other -> other.what() == what)) {
                throw new ValidationException(
                        "OUTPUT column %s: expected one column with the %s, found two"
                                .formatted(column.getName(), what.columnName()));
            }
            columns.add(new Typed(what, OutputColumn.isDouble(type)));
        }
        return new OutputColumns(columns);
    }

    private static OutputColumn find(
            Task task, Set<OutputColumn> possible, String name, LogicalType type) {
        for (OutputColumn what : possible) {
            if (what.columnName().equalsIgnoreCase(name)) {
                if (!what.accepts(type)) {
                    throw wrong(name, what.expected(), type);
                }
                return what;
            }
        }
        for (OutputColumn what : possible) {
            if (what.isFoundByType() && what.accepts(type)) {
                return what;
            }
        }
        String expected =
                possible.stream()
                        .map(what -> what.columnName() + " " + what.expected())
                        .collect(Collectors.joining("; "));
        throw wrong(name, "a column of task " + task.key() + " (" + expected + ")", type);
    }

    private static ValidationException wrong(String name, String expected, LogicalType found) {
        return new ValidationException(
                "OUTPUT column %s: expected %s, found %s%s"
                        .formatted(
                                name,
                                expected,
                                found.asSummaryString(),
                                found.isNullable()
                                        ? ""
                                        : " (a NULL input gives a NULL result, so it must be"
                                                + " nullable)"));
    }

    /** A row of a result. */
    GenericRowData row(Values values) {
        GenericRowData row = new GenericRowData(columns.size());
        for (int i = 0; i < columns.size(); i++) {
            row.setField(i, values.of(columns.get(i)));
        }
        return row;
    }

    /** A row without a result, as NULL input gives. */
    GenericRowData empty() {
        return new GenericRowData(columns.size());
    }

    /** A row without a result, with the reason where there is a column for it. */
    GenericRowData failed(String reason) {
        return row(
                column ->
                        column.what() == OutputColumn.ERROR ? StringData.fromString(reason) : null);
    }
}
