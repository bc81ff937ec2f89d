package org.flinksigmoid.operators.types;

import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.KryoException;
import com.esotericsoftware.kryo.Serializer;
import com.esotericsoftware.kryo.io.Input;
import com.esotericsoftware.kryo.io.Output;
import java.io.IOException;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * The {@link RecordSerializer} of a record for Kryo, which meets our records inside generic types.
 * Arrays are written in bulk, as one byte array a record: Kryo's own way, value by value, costs six
 * times as much for a window of 16,000 floats. Registered by {@link KryoRegistrations}.
 *
 * @param <T> the record
 */
public final class RecordKryoSerializer<T> extends Serializer<T> {
    private final RecordSerializer<T> serializer;

    /**
     * Called by Kryo.
     *
     * @param type a record whose type information is a {@link RecordTypeInfo}
     */
    public RecordKryoSerializer(Class<T> type) {
        super(false, true);
        if (!(TypeInformation.of(type) instanceof RecordTypeInfo<T> info)) {
            throw new IllegalArgumentException(
                    type.getName() + ": expected a record whose @TypeInfo is a RecordTypeInfo");
        }
        this.serializer = info.createSerializer(new SerializerConfigImpl());
    }

    @Override
    public void write(Kryo kryo, Output output, T record) {
        RecordWriter out = serializer.encode(record);
        output.writeInt(out.size());
        output.writeBytes(out.array(), 0, out.size());
        out.release();
    }

    @Override
    public T read(Kryo kryo, Input input, Class<? extends T> type) {
        try {
            return serializer.decode(
                    input.readInt(), (bytes, length) -> input.readBytes(bytes, 0, length));
        } catch (IOException e) {
            throw new KryoException(e);
        }
    }
}
