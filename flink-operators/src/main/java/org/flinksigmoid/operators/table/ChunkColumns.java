package org.flinksigmoid.operators.table;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.table.api.ValidationException;
import org.apache.flink.table.functions.TableSemantics;
import org.apache.flink.table.types.DataType;
import org.apache.flink.table.types.logical.LogicalType;
import org.apache.flink.table.types.logical.LogicalTypeFamily;
import org.apache.flink.table.types.logical.LogicalTypeRoot;
import org.apache.flink.types.Row;
import org.flinksigmoid.operators.inference.InvalidRecordException;
import org.flinksigmoid.operators.types.AudioChunk;

/**
 * Which columns of TRANSCRIBE's table hold what.
 *
 * @param key positions of the PARTITION BY columns
 * @param audio position of {@code audio}: 16-bit little-endian samples
 * @param sequence position of {@code seq}, counted from 0 in each stream; -1 if rows come in order
 * @param sampleRate position of {@code sample_rate}; -1 if it is the model's
 * @param last position of {@code is_last}, true in a stream's last row; -1 if streams just end
 */
record ChunkColumns(int[] key, int audio, int sequence, int sampleRate, int last) {
    /**
     * Finds the columns by their names.
     *
     * @throws ValidationException naming column, expected and found
     */
    static ChunkColumns of(TableSemantics table) {
        DataType row = table.dataType();
        if (table.partitionByColumns().length == 0) {
            throw new ValidationException(
                    "TRANSCRIBE: expected PARTITION BY the column with the stream's id, found"
                            + " none");
        }
        ChunkColumns columns =
                new ChunkColumns(
                        table.partitionByColumns(),
                        find(row, "audio", LogicalTypeFamily.BINARY_STRING, "BYTES"),
                        find(row, "seq", LogicalTypeFamily.INTEGER_NUMERIC, "BIGINT"),
                        find(row, "sample_rate", LogicalTypeFamily.INTEGER_NUMERIC, "INT"),
                        find(row, "is_last", LogicalTypeFamily.PREDEFINED, "BOOLEAN"));
        if (columns.audio < 0) {
            throw new ValidationException(
                    "TRANSCRIBE: expected a column audio BYTES, found columns "
                            + DataType.getFieldNames(row));
        }
        if (columns.last >= 0) {
            LogicalType type = DataType.getFieldDataTypes(row).get(columns.last).getLogicalType();
            require("is_last", type.is(LogicalTypeRoot.BOOLEAN), "BOOLEAN", type);
        }
        if (columns.sequence < 0 && table.orderByColumns().length == 0) {
            throw new ValidationException(
                    "TRANSCRIBE: expected a column seq BIGINT that numbers the chunks of a stream"
                            + " from 0, or ORDER BY the time column, found neither");
        }
        return columns;
    }

    private static int find(DataType row, String name, LogicalTypeFamily family, String expected) {
        List<String> names = DataType.getFieldNames(row);
        int at = names.indexOf(name);
        if (at >= 0) {
            LogicalType type = DataType.getFieldDataTypes(row).get(at).getLogicalType();
            require(name, type.is(family), expected, type);
        }
        return at;
    }

    private static void require(String name, boolean fits, String expected, LogicalType found) {
        if (!fits) {
            throw new ValidationException(
                    "TRANSCRIBE, column %s: expected %s, found %s"
                            .formatted(name, expected, found.asSummaryString()));
        }
    }

    /** Id of a row's stream. */
    String streamId(Row row) {
        if (key.length == 1) {
            return String.valueOf(row.getField(key[0]));
        }
        List<String> parts = new ArrayList<>();
        for (int column : key) {
            parts.add(String.valueOf(row.getField(column)));
        }
        return parts.toString();
    }

    /**
     * A row as a chunk.
     *
     * @param counted its number, if the table has no column for it
     * @param timestamp event time of its first sample, in milliseconds
     * @param modelRate samples per second, if the table has no column for it
     * @throws InvalidRecordException if its audio is no samples
     */
    AudioChunk chunk(Row row, long counted, long timestamp, int modelRate)
            throws InvalidRecordException {
        byte[] bytes = row.getFieldAs(audio);
        short[] samples = bytes == null ? new short[0] : AudioBytes.pcm16(bytes);
        return chunk(row, counted, timestamp, modelRate, samples);
    }

    /** The same without its audio, for a row that {@link #isLast} and whose audio is no samples. */
    AudioChunk silent(Row row, long counted, long timestamp, int modelRate) {
        return chunk(row, counted, timestamp, modelRate, new short[0]);
    }

    private AudioChunk chunk(
            Row row, long counted, long timestamp, int modelRate, short[] samples) {
        return new AudioChunk(
                streamId(row),
                sequence < 0 ? counted : number(row, sequence, -1),
                timestamp,
                sampleRate < 0
                        ? modelRate
                        : Math.clamp(number(row, sampleRate, 0), 0, Integer.MAX_VALUE),
                samples,
                isLast(row));
    }

    /** Whether a stream ends with this row. */
    boolean isLast(Row row) {
        return last >= 0 && Boolean.TRUE.equals(row.getField(last));
    }

    private static long number(Row row, int column, long instead) {
        Object value = row.getField(column);
        return value instanceof Number number ? number.longValue() : instead;
    }
}
