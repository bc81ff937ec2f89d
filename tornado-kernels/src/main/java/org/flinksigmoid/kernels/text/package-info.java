/**
 * Text to token ids: bytes, or a Hugging Face tokenizer.json. Any string has tokens. May depend on
 * {@code checkpoint} and {@code tensor} only.
 */
package org.flinksigmoid.kernels.text;
