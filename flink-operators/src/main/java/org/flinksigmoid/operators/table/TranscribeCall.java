package org.flinksigmoid.operators.table;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.flink.table.api.DataTypes;
import org.apache.flink.table.api.DataTypes.Field;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.data.TimestampData;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.inference.CallContext;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.types.ColumnList;
import org.flinksigmoid.kernels.checkpoint.CheckpointException;
import org.flinksigmoid.kernels.model.BackendName;
import org.flinksigmoid.kernels.model.SpeechModel;

/** What a call of TRANSCRIBE says, while its statement is planned. */
final class TranscribeCall {
    private static final int TABLE = 0;
    private static final int PATH = 1;
    private static final int OPTIONS = 2;
    private static final int ON_TIME = 3;

    private TranscribeCall() {}

    /** The model's folder. */
    static String path(CallContext call) {
        return literal(call, PATH, "path");
    }

    /** As they were written. */
    static String options(CallContext call) {
        return literal(call, OPTIONS, "options");
    }

    /** Empty if it is NULL or left out. */
    private static String literal(CallContext call, int argument, String name) {
        if (call.isArgumentNull(argument)) {
            return "";
        }
        if (!call.isArgumentLiteral(argument)) {
            throw new ValidationException(
                    "TRANSCRIBE, %s: expected a literal, found an expression".formatted(name));
        }
        return call.getArgumentValue(argument, String.class).orElse("");
    }

    /** As the table's time column, which may have no zone: the results' times are on its clock. */
    private static DataType timeType(CallContext call) {
        boolean zoneless =
                call.getTableSemantics(TABLE)
                        .flatMap(table -> timeColumn(table, call))
                        .filter(type -> type.is(LogicalTypeRoot.TIMESTAMP_WITHOUT_TIME_ZONE))
                        .isPresent();
        return (zoneless ? DataTypes.TIMESTAMP(3) : DataTypes.TIMESTAMP_LTZ(3))
                .bridgedTo(TimestampData.class);
    }

    private static Optional<LogicalType> timeColumn(TableSemantics table, CallContext call) {
        List<Field> fields = DataType.getFields(table.dataType());
        if (table.timeColumn() >= 0) { // known where code is generated; the argument is gone then
            return Optional.of(type(fields.get(table.timeColumn())));
        }
        if (call.getArgumentDataTypes().size() <= ON_TIME) {
            return Optional.empty();
        }
        List<String> names =
                call.getArgumentValue(ON_TIME, ColumnList.class)
                        .map(ColumnList::getNames)
                        .orElse(List.of());
        return fields.stream()
                .filter(field -> names.contains(field.getName()))
                .map(TranscribeCall::type)
                .findFirst();
    }

    private static LogicalType type(Field field) {
        return field.getDataType().getLogicalType();
    }

    /** The results' row, with the times on the clock of the table's time column. */
    static DataType withTimes(DataType row, CallContext call) {
        DataType time = timeType(call);
        return DataTypes.ROW(
                DataType.getFields(row).stream()
                        .map(
                                field ->
                                        field.getName().endsWith("_time")
                                                ? DataTypes.FIELD(field.getName(), time)
                                                : field)
                        .toList());
    }

    /** Refuses a call that can't work, while its statement is planned. */
    static void check(CallContext call) {
        call.getTableSemantics(TABLE).ifPresent(ChunkColumns::of);
        TranscribeOptions options = TranscribeOptions.parse(options(call));
        String path = path(call);
        if (path.isEmpty()) {
            throw new ValidationException("TRANSCRIBE, path: expected a literal, found none");
        }
        if (!Files.isDirectory(Path.of(path))) {
            throw new ValidationException(
                    "TRANSCRIBE, path: expected the folder of a checkpoint, found nothing at "
                            + path);
        }
        try {
            SpeechModel.load(
                            Path.of(path),
                            options.engine().withBackend(BackendName.SCALAR.toString()))
                    .close();
        } catch (CheckpointException e) {
            throw new ValidationException(
                    "TRANSCRIBE, path = %s: %s".formatted(path, e.getMessage()), e);
        }
    }
}
