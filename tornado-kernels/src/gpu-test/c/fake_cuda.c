/*
 * A libcuda.so.1 that pretends to be one H100, or FAKE_CUDA_DEVICES of them with one memory:
 * device memory is host memory, kernels do nothing.
 * With it TornadoVM compiles kernels on a machine without a GPU, which is what the tests tagged
 * codegen look at. Every cubin that is loaded is written into the folder FAKE_CUDA_DUMP.
 *
 *     gcc -shared -fPIC -I $CUDA_PATH/include -Wl,-soname,libcuda.so.1 \
 *         src/gpu-test/c/fake_cuda.c -o libcuda.so.1
 */
#include <cuda.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/*
 * Handles, each of the context in which it was made: a real driver refuses those of another. The
 * last four bits of a context's are its device.
 */
static _Thread_local CUcontext current = NULL;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct made {
    CUcontext owner;
    int shared; /* a function's: dynamic shared memory that a block may have */
} *made = NULL;
static long handles = 0;

static CUresult handle_of(CUcontext owner, void *where) {
    pthread_mutex_lock(&lock);
    if (handles % 4096 == 0) made = realloc(made, (handles + 4096) * sizeof *made);
    made[handles] = (struct made){owner, 48 << 10};
    long handle = (0x1000 + handles++) << 4;
    pthread_mutex_unlock(&lock);
    memcpy(where, &handle, sizeof handle);
    return CUDA_SUCCESS;
}
static CUresult handle(void *where) {
    return current == NULL ? CUDA_ERROR_INVALID_CONTEXT : handle_of(current, where);
}
static struct made find(const void *handle) {
    pthread_mutex_lock(&lock);
    struct made found = made[((long)handle >> 4) - 0x1000];
    pthread_mutex_unlock(&lock);
    return found;
}
/* Whether a stream and what is to go there are of the current context. */
static CUresult together(const void *handle, CUstream stream) {
    int apart = find(handle).owner != current || find(stream).owner != current;
    return apart ? CUDA_ERROR_INVALID_HANDLE : CUDA_SUCCESS;
}

/* Device: an H100's numbers where a compiler or a launch asks for them. */
CUresult cuInit(unsigned flags) { return CUDA_SUCCESS; }
CUresult cuDriverGetVersion(int *version) { *version = CUDA_VERSION; return CUDA_SUCCESS; }
CUresult cuDeviceGetCount(int *count) {
    const char *devices = getenv("FAKE_CUDA_DEVICES");
    *count = devices == NULL ? 1 : atoi(devices);
    return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice *device, int index) { *device = index; return CUDA_SUCCESS; }
CUresult cuDeviceTotalMem(size_t *bytes, CUdevice device) {
    *bytes = (size_t)80 << 30;
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char *name, int length, CUdevice device) {
    snprintf(name, length, "no device (fake driver)");
    return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int *value, CUdevice_attribute attribute, CUdevice device) {
    switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = 9; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = 0; break;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = 132; break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: *value = 1024; break;
    case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: *value = 64; break;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: *value = 2147483647; break;
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
    case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: *value = 65535; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: *value = 49152; break;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE: *value = 32; break;
    case CU_DEVICE_ATTRIBUTE_CLOCK_RATE: *value = 1980000; break;
    case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: *value = 65536; break;
    default: *value = 1;
    }
    return CUDA_SUCCESS;
}

/*
 * The status that stands in the file FAKE_CUDA_FAULT, if there is one, for the function whose name
 * follows it, or for launches of graphs.
 */
static int fault(const char *function) {
    const char *name = getenv("FAKE_CUDA_FAULT");
    FILE *file = name == NULL ? NULL : fopen(name, "r");
    if (file == NULL) return CUDA_SUCCESS;
    int status = CUDA_ERROR_UNKNOWN;
    char failing[64] = "cuGraphLaunch";
    if (fscanf(file, "%d %63s", &status, failing) < 1) status = CUDA_ERROR_UNKNOWN;
    fclose(file);
    return strcmp(function, failing) == 0 ? status : CUDA_SUCCESS;
}

/*
 * Memory: counted against the card's 80 GiB, and only taken from the host where it is touched. What
 * is allocated starts with its size.
 */
#define CARD_BYTES ((size_t)80 << 30)
#define PREFIX_BYTES 4096
static size_t used_bytes = 0;

CUresult cuMemAlloc(CUdeviceptr *pointer, size_t bytes) {
    if (current == NULL) return CUDA_ERROR_INVALID_CONTEXT;
    if (bytes == 0) return CUDA_ERROR_INVALID_VALUE;
    if (bytes > CARD_BYTES - used_bytes) return CUDA_ERROR_OUT_OF_MEMORY;
    char *memory = mmap(NULL, bytes + PREFIX_BYTES, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return CUDA_ERROR_OUT_OF_MEMORY;
    memcpy(memory, &bytes, sizeof bytes);
    used_bytes += bytes;
    *pointer = (CUdeviceptr)(memory + PREFIX_BYTES);
    return CUDA_SUCCESS;
}
CUresult cuMemFree(CUdeviceptr pointer) {
    char *memory = (char *)pointer - PREFIX_BYTES;
    size_t bytes;
    memcpy(&bytes, memory, sizeof bytes);
    used_bytes -= bytes;
    munmap(memory, bytes + PREFIX_BYTES);
    return CUDA_SUCCESS;
}
CUresult cuMemGetInfo(size_t *free, size_t *total) {
    *free = CARD_BYTES - used_bytes;
    *total = CARD_BYTES;
    return CUDA_SUCCESS;
}
CUresult cuMemAllocHost(void **pointer, size_t bytes) {
    int status = fault("cuMemHostAlloc");
    if (status != CUDA_SUCCESS) return status;
    *pointer = malloc(bytes);
    return *pointer ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}
CUresult cuMemHostAlloc(void **pointer, size_t bytes, unsigned flags) {
    return cuMemAllocHost(pointer, bytes);
}
CUresult cuMemFreeHost(void *pointer) { free(pointer); return CUDA_SUCCESS; }
CUresult cuMemHostRegister(void *pointer, size_t bytes, unsigned flags) { return CUDA_SUCCESS; }
CUresult cuMemHostUnregister(void *pointer) { return CUDA_SUCCESS; }
CUresult cuMemcpyDtoD(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
    memcpy((void *)to, (void *)from, bytes);
    return CUDA_SUCCESS;
}
CUresult cuMemcpyDtoHAsync(void *to, CUdeviceptr from, size_t bytes, CUstream stream) {
    memcpy(to, (void *)from, bytes);
    return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void *from, size_t bytes, CUstream stream) {
    memcpy((void *)to, from, bytes);
    return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoD(CUdeviceptr to, const void *from, size_t bytes) {
    memcpy((void *)to, from, bytes);
    return CUDA_SUCCESS;
}
/* What a real driver refuses of a description. */
CUresult cuTensorMapEncodeTiled(
        CUtensorMap *map, CUtensorMapDataType type, cuuint32_t rank, void *address,
        const cuuint64_t *sizes, const cuuint64_t *strides, const cuuint32_t *box,
        const cuuint32_t *steps, CUtensorMapInterleave interleave, CUtensorMapSwizzle swizzle,
        CUtensorMapL2promotion promotion, CUtensorMapFloatOOBfill fill) {
    if ((cuuint64_t)map % 64 != 0 || (cuuint64_t)address % 16 != 0) return CUDA_ERROR_INVALID_VALUE;
    for (cuuint32_t i = 0; i < rank; i++) {
        if (sizes[i] == 0 || box[i] == 0 || box[i] > 256) return CUDA_ERROR_INVALID_VALUE;
        if (i + 1 < rank && strides[i] % 16 != 0) return CUDA_ERROR_INVALID_VALUE;
    }
    memset(map, 0, sizeof *map);
    return CUDA_SUCCESS;
}
CUresult cuMemsetD8(CUdeviceptr to, unsigned char value, size_t bytes) {
    memset((void *)to, value, bytes);
    return CUDA_SUCCESS;
}

/* Only what was just allocated is cleared here, and that is zero: no need to touch it. */
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t bytes, CUstream stream) {
    return CUDA_SUCCESS;
}

/* Modules: an ELF image ends where its last section or table of headers does. */
static size_t image_size(const unsigned char *image) {
    if (memcmp(image, "\177ELF", 4) != 0) return strlen((const char *)image);
    unsigned long sections, at, bytes;
    unsigned short entry, count;
    unsigned type;
    memcpy(&sections, image + 0x28, 8);
    memcpy(&entry, image + 0x3a, 2);
    memcpy(&count, image + 0x3c, 2);
    size_t size = sections + (size_t)entry * count;
    unsigned long segments;
    unsigned short segment, segment_count;
    memcpy(&segments, image + 0x20, 8);
    memcpy(&segment, image + 0x36, 2);
    memcpy(&segment_count, image + 0x38, 2);
    if (segments + (size_t)segment * segment_count > size) size = segments + (size_t)segment * segment_count;
    for (int i = 0; i < count; i++) {
        const unsigned char *section = image + sections + (size_t)i * entry;
        memcpy(&type, section + 4, 4);
        memcpy(&at, section + 0x18, 8);
        memcpy(&bytes, section + 0x20, 8);
        if (type != 8 && at + bytes > size) size = at + bytes; /* 8: takes no space in the file */
    }
    return size;
}
CUresult cuModuleLoadDataEx(
        CUmodule *module, const void *image, unsigned n, CUjit_option *options, void **values) {
    static int number = 0;
    const char *folder = getenv("FAKE_CUDA_DUMP");
    if (folder != NULL) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%04d.cubin", folder, number++);
        FILE *file = fopen(name, "wb");
        if (file == NULL) return CUDA_ERROR_FILE_NOT_FOUND;
        fwrite(image, 1, image_size(image), file);
        fclose(file);
    }
    return handle(module);
}
CUresult cuModuleLoadData(CUmodule *module, const void *image) {
    return cuModuleLoadDataEx(module, image, 0, NULL, NULL);
}
CUresult cuModuleUnload(CUmodule module) { return CUDA_SUCCESS; }
CUresult cuModuleGetFunction(CUfunction *function, CUmodule module, const char *name) {
    return handle_of(find(module).owner, function);
}
CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
    pthread_mutex_lock(&lock);
    if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES)
        made[((long)function >> 4) - 0x1000].shared = value;
    pthread_mutex_unlock(&lock);
    return CUDA_SUCCESS;
}
CUresult cuOccupancyMaxPotentialBlockSize(
        int *grid, int *block, CUfunction function, CUoccupancyB2DSize bytes, size_t dynamic,
        int limit) {
    *grid = 132;
    *block = 256;
    return CUDA_SUCCESS;
}
/* Whether what this thread captures has had a launch that failed. */
static _Thread_local int capture_broken = 0;

CUresult cuLaunchKernel(
        CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
        unsigned shared, CUstream stream, void **parameters, void **extra) {
    CUresult result = together(f, stream);
    if (result == CUDA_SUCCESS && (int)shared > find(f).shared) result = CUDA_ERROR_INVALID_VALUE;
    if (result != CUDA_SUCCESS) capture_broken = 1;
    return result;
}

/* Contexts, streams, events, graphs. */
CUresult cuCtxSetCurrent(CUcontext context) {
    current = context;
    return CUDA_SUCCESS;
}
CUresult cuCtxCreate_v4(
        CUcontext *context, CUctxCreateParams *parameters, unsigned flags, CUdevice device) {
    handle_of(NULL, context);
    *context = (CUcontext)((size_t)*context | (size_t)device);
    return cuCtxSetCurrent(*context);
}
CUresult cuDevicePrimaryCtxRetain(CUcontext *context, CUdevice device) {
    *context = (CUcontext)(0x100 | (size_t)device);
    return CUDA_SUCCESS;
}
CUresult cuCtxDestroy(CUcontext context) { return CUDA_SUCCESS; }
CUresult cuCtxGetDevice(CUdevice *device) {
    *device = (CUdevice)((size_t)current & 15);
    return current == NULL ? CUDA_ERROR_INVALID_CONTEXT : CUDA_SUCCESS;
}
CUresult cuCtxSynchronize(void) { return CUDA_SUCCESS; }
CUresult cuStreamCreate(CUstream *stream, unsigned flags) { return handle(stream); }
CUresult cuStreamDestroy(CUstream stream) { return CUDA_SUCCESS; }
CUresult cuStreamSynchronize(CUstream stream) { return CUDA_SUCCESS; }
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) { return CUDA_SUCCESS; }
CUresult cuStreamBeginCapture(CUstream stream, CUstreamCaptureMode mode) {
    capture_broken = 0;
    return together(stream, stream);
}
CUresult cuStreamEndCapture(CUstream stream, CUgraph *graph) {
    int status = fault("cuStreamEndCapture");
    if (status != CUDA_SUCCESS) return status;
    return capture_broken ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : handle(graph);
}
CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus *status) {
    *status = CU_STREAM_CAPTURE_STATUS_NONE;
    return CUDA_SUCCESS;
}
CUresult cuEventCreate(CUevent *event, unsigned flags) { return handle(event); }
CUresult cuEventDestroy(CUevent event) { return CUDA_SUCCESS; }
CUresult cuEventRecord(CUevent event, CUstream stream) { return together(event, stream); }
CUresult cuEventQuery(CUevent event) { return CUDA_SUCCESS; }
CUresult cuEventSynchronize(CUevent event) { return CUDA_SUCCESS; }
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
    *milliseconds = 1;
    return CUDA_SUCCESS;
}
#undef cuEventElapsedTime /* which is its second version to compilers of CUDA 13 */
CUresult cuEventElapsedTime(float *milliseconds, CUevent start, CUevent end) {
    *milliseconds = 1;
    return CUDA_SUCCESS;
}
CUresult cuGraphInstantiate(CUgraphExec *executable, CUgraph graph, unsigned long long flags) {
    return handle(executable);
}
CUresult cuGraphExecUpdate(
        CUgraphExec executable, CUgraph graph, CUgraphExecUpdateResultInfo *result) {
    return CUDA_SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
    int status = fault("cuGraphLaunch");
    return status == CUDA_SUCCESS ? together(executable, stream) : status;
}
CUresult cuGraphDestroy(CUgraph graph) { return CUDA_SUCCESS; }
CUresult cuGraphExecDestroy(CUgraphExec executable) { return CUDA_SUCCESS; }
CUresult cuGetErrorName(CUresult result, const char **name) { *name = "fake"; return CUDA_SUCCESS; }
CUresult cuGetErrorString(CUresult result, const char **text) {
    *text = "error of the fake driver";
    return CUDA_SUCCESS;
}

/* NVRTC asks for these and calls what it gets unless they fail. */
CUresult cuGetExportTable(const void **table, const CUuuid *id) { return CUDA_ERROR_NOT_FOUND; }
CUresult cuGetProcAddress(
        const char *name, void **function, int version, cuuint64_t flags,
        CUdriverProcAddressQueryResult *status) {
    return CUDA_ERROR_NOT_FOUND;
}
