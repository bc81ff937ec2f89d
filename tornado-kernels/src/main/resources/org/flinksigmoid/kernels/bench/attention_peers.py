"""Runs other people's attention kernels over the rows of `flink-sigmoid bench gpu`.

    python3 attention_peers.py ours.jsonl peers.jsonl

For each row: PyTorch's FlashAttention-2 (the packed entry, too, where lengths vary) and cuDNN
attention, which compute softmax; TritonSigmoid and FlashSigmoid, if the packages triton_sigmoid and
flash_sigmoid can be imported. Writes {"row": ..., "peer": ..., "microseconds": ...} a line, by
events. Each kernel is launched LAUNCHES times more inside a profiler's range, in the order of the
lines.
"""

import json
import math
import sys

import torch
import torch.nn.functional as functional
from torch.nn.attention import SDPBackend, sdpa_kernel

LAUNCHES = 4  # as ProfilerLog
REPEATS = 20
WINDOW = 256
TYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}


def optional(module, function):
    try:
        return getattr(__import__(module), function)
    except Exception as reason:
        print(f"note: {module} is not installed ({reason}): not compared with")
        return None


TRITON_SIGMOID = optional("triton_sigmoid", "sigmoid_attention")
FLASH_SIGMOID = optional("flash_sigmoid", "flash_attn_func")


def draw(row, *size):
    return [torch.randn(*size, device="cuda", dtype=TYPES[row["type"]]) for _ in range(3)]


def lengths(row):
    """As GpuShape has them."""
    return [64 + (i * 7919 + 13) % (row["n"] - 63) for i in range(row["batch"])]


def softmax(backend, q, k, v, causal):
    def call():
        with sdpa_kernel(backend):
            functional.scaled_dot_product_attention(q, k, v, is_causal=causal)

    return call


def packed(row):
    each = lengths(row)
    q, k, v = draw(row, sum(each), row["heads"], row["width"])
    ends = torch.tensor([0] + each, device="cuda").cumsum(0).to(torch.int32)
    return lambda: torch.ops.aten._flash_attention_forward(
        q, k, v, ends, ends, max(each), max(each), 0.0, False, False
    )


def windowed(row):
    """FA2 with a window, which no public function of PyTorch asks for."""
    q, k, v = draw(row, row["batch"], row["n"], row["heads"], row["width"])
    sizes = {"window_size_left": WINDOW, "window_size_right": WINDOW}
    return lambda: torch.ops.aten._flash_attention_forward(
        q, k, v, None, None, row["n"], row["n"], 0.0, False, False, **sizes
    )


def peers(row):
    """Name and call of each peer that has such a kernel."""
    if row["kind"] == "window":
        yield "FA2", windowed(row)
        return
    heads, width, n, causal = row["heads"], row["width"], row["n"], row["kind"] == "causal"
    ragged = row["kind"] == "ragged"
    if ragged:
        yield "FA2 varlen", packed(row)
        n = max(lengths(row))
    q, k, v = draw(row, row["batch"], heads, n, width)
    suffix = " padded" if ragged else ""
    yield "FA2" + suffix, softmax(SDPBackend.FLASH_ATTENTION, q, k, v, causal)
    yield "cuDNN" + suffix, softmax(SDPBackend.CUDNN_ATTENTION, q, k, v, causal)
    if row["kind"] != "dense" or row["type"] != "fp16":
        return
    tokens = [x.transpose(1, 2).contiguous() for x in (q, k, v)]
    bias = -math.log(n)
    if TRITON_SIGMOID and width == 64:  # its autotuner takes long for every width and type
        yield "TritonSigmoid", lambda: TRITON_SIGMOID(*tokens, sigmoid_bias=bias)
    if FLASH_SIGMOID and width in (64, 128):
        yield "FlashSigmoid", lambda: FLASH_SIGMOID(*tokens, sigmoid_bias=bias)


def microseconds(call):
    events = [torch.cuda.Event(enable_timing=True) for _ in range(2 * REPEATS)]
    for start, end in zip(events[::2], events[1::2]):
        start.record()
        call()
        end.record()
    torch.cuda.synchronize()
    times = sorted(s.elapsed_time(e) for s, e in zip(events[::2], events[1::2]))
    return 1000 * times[REPEATS // 2]


def main(ours_file, peers_file):
    with open(ours_file) as lines:
        rows = [json.loads(line) for line in lines]
    with open(peers_file, "w") as out:
        for index, row in enumerate(rows):
            for name, call in peers(row):
                try:
                    time = microseconds(call)
                except Exception as reason:
                    print(f"note: {name} on {row['kind']} d={row['width']}: {reason}")
                    continue
                torch.cuda.cudart().cudaProfilerStart()
                for _ in range(LAUNCHES):
                    call()
                torch.cuda.synchronize()
                torch.cuda.cudart().cudaProfilerStop()
                line = json.dumps({"row": index, "peer": name, "microseconds": time})
                print(line, file=out)
                print(line, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
