"""Times PyTorch's attention kernels over the shapes that AttentionBench timed, in the same session.

    python3 attention_peers.py ours.jsonl attention.json

ours.jsonl is what AttentionBench wrote. Both sides are timed alike: CUDA graphs of 1 and of 1 + k
kernels, and the difference divided by k, so that neither launches nor synchronisation count.
Prints Markdown tables and writes all numbers to attention.json.
"""

import datetime
import json
import sys

import torch
import torch.nn.functional as functional
from torch.nn.attention import SDPBackend, sdpa_kernel

BACKENDS = {"FA2": SDPBackend.FLASH_ATTENTION, "cuDNN": SDPBackend.CUDNN_ATTENTION}
DTYPES = {"fp16": torch.float16, "bf16": torch.bfloat16}
REPEATS = 25


def seconds(call, estimate):
    """Seconds of one call among others of its kind; median over repeats."""
    more = int(min(40, max(4, 4e-3 / estimate)))
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(3):
            call()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    medians = []
    for count in (1, 1 + more):
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            for _ in range(count):
                call()
        times = []
        for repeat in range(REPEATS + 3):
            start = torch.cuda.Event(enable_timing=True)
            end = torch.cuda.Event(enable_timing=True)
            start.record()
            graph.replay()
            end.record()
            torch.cuda.synchronize()
            if repeat >= 3:
                times.append(start.elapsed_time(end) * 1e-3)
        medians.append(sorted(times)[REPEATS // 2])
    return (medians[1] - medians[0]) / more


def dense(shape):
    """PyTorch's softmax attention on [batch, heads, n, width]."""
    size = (shape["batch"], shape["heads"], shape["n"], shape["width"])
    q, k, v = (torch.randn(size, device="cuda", dtype=DTYPES[shape["dtype"]]) for _ in range(3))
    causal = shape["kind"] == "causal"
    pairs = shape["n"] * (shape["n"] + 1) / 2 if causal else shape["n"] ** 2
    flops = 4 * shape["batch"] * shape["heads"] * pairs * shape["width"]
    for name, backend in BACKENDS.items():
        with sdpa_kernel(backend):
            call = lambda: functional.scaled_dot_product_attention(q, k, v, is_causal=causal)
            yield name, flops, seconds(call, flops / 3e14)


def ragged(shape):
    """The same batch packed for FlashAttention-2's varlen entry, and padded to its longest."""
    lengths = [64 + (i * 7919 + 13) % 449 for i in range(shape["batch"])]
    heads, width = shape["heads"], shape["width"]
    flops = sum(4 * heads * n * n * width for n in lengths)
    total, longest = sum(lengths), max(lengths)
    q, k, v = (
        torch.randn(total, heads, width, device="cuda", dtype=torch.float16) for _ in range(3)
    )
    ends = torch.tensor([0] + lengths, device="cuda").cumsum(0).to(torch.int32)
    flash = torch.ops.aten._flash_attention_forward
    call = lambda: flash(q, k, v, ends, ends, longest, longest, 0.0, False, False)
    yield "FA2 varlen", flops, seconds(call, flops / 2e14)
    padded = (shape["batch"], heads, longest, width)
    q, k, v = (torch.randn(padded, device="cuda", dtype=torch.float16) for _ in range(3))
    for name, backend in BACKENDS.items():
        with sdpa_kernel(backend):
            call = lambda: functional.scaled_dot_product_attention(q, k, v)
            yield name + " padded", flops, seconds(call, flops / 1e14)


def key(row):
    return tuple(row[name] for name in ("kind", "width", "dtype", "batch", "heads", "n"))


def main(ours_file, out_file):
    torch.manual_seed(0)
    with open(ours_file) as lines:
        ours = [json.loads(line) for line in lines]
    results, peers = list(ours), {}
    for row in ours:
        if key(row) in peers or row["kind"] == "window":
            continue
        peers[key(row)] = {}
        for name, flops, time in ragged(row) if row["kind"] == "ragged" else dense(row):
            peers[key(row)][name] = time
            results.append(
                dict(row, kernel=name, us=time * 1e6, tflops=flops / time * 1e-12)
                | {"error": None, "unwritten": None, "variant": None}
            )
    card = torch.cuda.get_device_name()
    record = {
        "card": card,
        "date": datetime.date.today().isoformat(),
        "torch": torch.__version__,
        "cudnn": torch.backends.cudnn.version(),
        "rows": results,
    }
    with open(out_file, "w") as out:
        json.dump(record, out, indent=1)
    print(f"{card}, PyTorch {torch.__version__}, cuDNN {record['cudnn']}")
    print("| kind | d | type | B,H,n | us | TFLOP/s | error | times as fast as |")
    print("|---|---|---|---|---|---|---|---|")
    for row in ours:
        ratios = ", ".join(
            f"{name} {time * 1e6 / row['us']:.2f}" for name, time in peers.get(key(row), {}).items()
        )
        print(
            f"| {row['kind']} | {row['width']} | {row['dtype']} | {row['batch']},{row['heads']},"
            f"{row['n']} | {row['us']:.1f} | {row['tflops']:.0f} | {row['error']:.1e} | {ratios} |"
            + (f" {row['variant']}" if "-v" in sys.argv else "")
        )


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
