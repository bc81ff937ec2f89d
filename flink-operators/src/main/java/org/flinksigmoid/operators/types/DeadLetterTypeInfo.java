package org.flinksigmoid.operators.types;

import java.lang.reflect.Type;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.api.common.serialization.SerializerConfig;
import org.apache.flink.api.common.typeinfo.TypeInfoFactory;
import org.apache.flink.api.common.typeinfo.TypeInformation;

/**
 * Type information of {@link DeadLetter}, made from that of the record inside.
 *
 * @param <T> the record inside
 */
public final class DeadLetterTypeInfo<T> extends TypeInformation<DeadLetter<T>> {
    private static final long serialVersionUID = 1L;

    private final TypeInformation<T> original;

    /**
     * @param original type information of the record inside
     */
    public DeadLetterTypeInfo(TypeInformation<T> original) {
        this.original = Objects.requireNonNull(original);
    }

    @Override
    public boolean isBasicType() {
        return false;
    }

    @Override
    public boolean isTupleType() {
        return false;
    }

    @Override
    public int getArity() {
        return 1;
    }

    @Override
    public int getTotalFields() {
        return original.getTotalFields() + 2;
    }

    @Override
    @SuppressWarnings("unchecked") // a class has no type arguments
    public Class<DeadLetter<T>> getTypeClass() {
        return (Class<DeadLetter<T>>) (Class<?>) DeadLetter.class;
    }

    @Override
    public Map<String, TypeInformation<?>> getGenericParameters() {
        return Map.of("T", original);
    }

    @Override
    public boolean isKeyType() {
        return false;
    }

    @Override
    public DeadLetterSerializer<T> createSerializer(SerializerConfig config) {
        return new DeadLetterSerializer<>(original.createSerializer(config));
    }

    @Override
    public String toString() {
        return "DeadLetter<" + original + ">";
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof DeadLetterTypeInfo<?> that && original.equals(that.original);
    }

    @Override
    public int hashCode() {
        return 31 * original.hashCode() + 1;
    }

    @Override
    public boolean canEqual(Object other) {
        return other instanceof DeadLetterTypeInfo;
    }

    /** Called by Flink for the annotation on {@link DeadLetter}. */
    public static final class Factory<T> extends TypeInfoFactory<DeadLetter<T>> {
        @Override
        @SuppressWarnings("unchecked") // Flink passes the information of T under "T"
        public TypeInformation<DeadLetter<T>> createTypeInfo(
                Type type, Map<String, TypeInformation<?>> parameters) {
            TypeInformation<T> original = (TypeInformation<T>) parameters.get("T");
            if (original == null) {
                throw new IllegalArgumentException(
                        "DeadLetter: the type inside is unknown, use new DeadLetterTypeInfo<>(...)"
                                + " with the information of the record");
            }
            return new DeadLetterTypeInfo<>(original);
        }
    }
}
