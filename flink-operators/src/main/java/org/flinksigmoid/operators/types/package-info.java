/**
 * The records that travel between operators and, for each, its {@code TypeInformation}, serializer
 * and snapshot, plus Kryo registrations for jobs that carry them inside generic types.
 *
 * <p>Every record is immutable by contract: it owns the arrays it is given, nobody writes to them
 * afterwards, so records are handed on without copies. Depends on Flink's core API and Kryo only;
 * every other package of this module may depend on it.
 */
package org.flinksigmoid.operators.types;
