package org.flinksigmoid.kernels.backend;

/** Elementwise functions that a linear layer or a convolution may end with. */
public enum Activation {
    /** {@code x}. */
    IDENTITY,
    /** {@code max(x, 0)}. */
    RELU,
    /** {@code x/2 (1 + erf(x / sqrt 2))}: Hendrycks and Gimpel, arXiv 1606.08415, exact form. */
    GELU,
    /** {@code x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3)))}: the same paper's approximation. */
    GELU_TANH,
    /** {@code x sigmoid(x)}. */
    SILU,
    /** {@code tanh(x)}. */
    TANH
}
