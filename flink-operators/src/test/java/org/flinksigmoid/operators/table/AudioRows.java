package org.flinksigmoid.operators.table;

import java.time.Instant;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.table.api.Schema;
import org.apache.flink.types.Row;

/** Chunks of audio as rows of a table that TRANSCRIBE takes. */
final class AudioRows {
    static final TypeInformation<Row> TYPE =
            Types.ROW_NAMED(
                    new String[] {"id", "seq", "ts", "audio", "is_last"},
                    Types.STRING,
                    Types.LONG,
                    Types.INSTANT,
                    Types.PRIMITIVE_ARRAY(Types.BYTE),
                    Types.BOOLEAN);

    static final Schema COLUMNS =
            Schema.newBuilder()
                    .column("id", "STRING")
                    .column("seq", "BIGINT")
                    .column("ts", "TIMESTAMP_LTZ(3)")
                    .column("audio", "BYTES")
                    .column("is_last", "BOOLEAN")
                    .build();

    static final Schema SCHEMA =
            Schema.newBuilder()
                    .fromSchema(COLUMNS)
                    .watermark("ts", "ts - INTERVAL '1' SECOND")
                    .build();

    static final String CREATE_TRANSCRIBE =
            "CREATE FUNCTION TRANSCRIBE AS '%s'".formatted(TranscribeFunction.class.getName());

    private AudioRows() {}

    /** A chunk that begins at a time in milliseconds since 1970. */
    static Row row(String id, long number, long millis, short[] samples, boolean last) {
        return Row.of(id, number, Instant.ofEpochMilli(millis), Tone.pcm16(samples), last);
    }
}
