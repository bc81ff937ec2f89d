/*
 * A libcublasLt.so.13 beside fake_cuda.c: every product is described, chosen and queued, none is
 * computed.
 *
 *     gcc -shared -fPIC -Wl,-soname,libcublasLt.so.13 \
 *         src/gpu-test/c/fake_cublaslt.c -o libcublasLt.so.13
 */
#include <stddef.h>

static int handle;

static int made(void **pointer) {
    *pointer = &handle;
    return 0;
}

int cublasLtCreate(void **pointer) { return made(pointer); }
int cublasLtMatmulDescCreate(void **pointer, int sums, int scale) { return made(pointer); }
int cublasLtMatmulDescSetAttribute(void *d, int name, const void *value, size_t bytes) { return 0; }
int cublasLtMatmulDescDestroy(void *description) { return 0; }
int cublasLtMatrixLayoutCreate(void **pointer, int type, long rows, long columns, long stride) {
    return made(pointer);
}
int cublasLtMatrixLayoutDestroy(void *layout) { return 0; }
int cublasLtMatmulPreferenceCreate(void **pointer) { return made(pointer); }
int cublasLtMatmulPreferenceSetAttribute(void *p, int name, const void *value, size_t bytes) {
    return 0;
}
int cublasLtMatmulPreferenceDestroy(void *preference) { return 0; }
int cublasLtMatmulAlgoGetHeuristic(
        void *library, void *d, void *a, void *b, void *c, void *out, void *preference, int most,
        void *results, int *found) {
    *found = 1;
    return 0;
}
int cublasLtMatmul(
        void *library, void *d, const void *alpha, const void *a, void *a_layout, const void *b,
        void *b_layout, const void *beta, const void *c, void *c_layout, void *out,
        void *out_layout, const void *algorithm, void *workspace, size_t bytes, void *stream) {
    return 0;
}
