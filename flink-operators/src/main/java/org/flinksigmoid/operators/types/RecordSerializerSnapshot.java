package org.flinksigmoid.operators.types;

import java.io.IOException;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.api.common.typeutils.TypeSerializerSnapshot;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;

/**
 * What a savepoint remembers of a {@link RecordSerializer}: the version of the records in it. Since
 * every record carries its version too, old state is readable as it is; state of a newer version is
 * refused when the job is restored, before a record is read.
 *
 * <p>Subclasses need a public constructor without arguments.
 *
 * @param <T> the record
 */
public abstract class RecordSerializerSnapshot<T> implements TypeSerializerSnapshot<T> {
    private static final int SNAPSHOT_VERSION = 1;

    private final RecordSerializer<T> serializer;
    private int recordVersion;

    /**
     * @param serializer the serializer of this code
     */
    protected RecordSerializerSnapshot(RecordSerializer<T> serializer) {
        this.serializer = serializer;
        this.recordVersion = serializer.version();
    }

    @Override
    public final int getCurrentVersion() {
        return SNAPSHOT_VERSION;
    }

    @Override
    public final void writeSnapshot(DataOutputView out) throws IOException {
        out.writeByte(recordVersion);
    }

    @Override
    public final void readSnapshot(int version, DataInputView in, ClassLoader loader)
            throws IOException {
        if (version != SNAPSHOT_VERSION) {
            throw new IOException(
                    getClass().getName()
                            + ": expected snapshot version "
                            + SNAPSHOT_VERSION
                            + ", found "
                            + version);
        }
        recordVersion = in.readByte();
        if (recordVersion < 1) {
            throw new IOException(
                    getClass().getName() + ": expected a record version, found " + recordVersion);
        }
    }

    @Override
    public final RecordSerializer<T> restoreSerializer() {
        return serializer;
    }

    @Override
    public final TypeSerializerSchemaCompatibility<T> resolveSchemaCompatibility(
            TypeSerializerSnapshot<T> old) {
        boolean readable =
                old.getClass() == getClass()
                        && ((RecordSerializerSnapshot<T>) old).recordVersion
                                <= serializer.version();
        return readable
                ? TypeSerializerSchemaCompatibility.compatibleAsIs()
                : TypeSerializerSchemaCompatibility.incompatible();
    }
}
