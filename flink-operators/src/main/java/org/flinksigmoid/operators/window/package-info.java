/**
 * Windows of streams: audio chunks to overlapping feature windows, their log-probabilities to
 * transcripts, and text messages to sliding, session and prefix windows. Each operator works by
 * event time, keeps a bounded state a key that ends with the stream, sends what comes too late to a
 * side output, and never emits a record behind a watermark that it has passed on. Depends on {@code
 * types} and on the engine's {@code audio} and {@code decode} packages.
 */
package org.flinksigmoid.operators.window;
