"""Times the tile kernel beside PyTorch's attention kernels by one profiler, in one session.

    ncu="ncu --clock-control none --cache-control none --csv --metrics gpu__time_duration.sum"
    $ncu --target-processes all -k regex:attend --log-file ours.csv \\
        java -Drepeats=2 ... AttentionBench ours.jsonl
    $ncu -k 'regex:flash|cudnn' --log-file peers.csv python3 attention_peers.py launch ours.jsonl
    python3 attention_peers.py report ours.jsonl ours.csv peers.csv attention.json

Both sides launch each kernel four times; the first launch is dropped, the median of the others
counts. report prints Markdown and writes every number to attention.json.
"""

import csv
import datetime
import json
import sys

LAUNCHES = 4


def lengths(row):
    return [64 + (i * 7919 + 13) % 449 for i in range(row["batch"])]


def launch(ours_file):
    """FlashAttention-2 and cuDNN attention for each row; for the ragged one also FA2's varlen."""
    import torch
    import torch.nn.functional as functional
    from torch.nn.attention import SDPBackend, sdpa_kernel

    dtypes = {"fp16": torch.float16, "bf16": torch.bfloat16}

    def draw(*size, dtype):
        return [torch.randn(*size, device="cuda", dtype=dtypes[dtype]) for _ in range(3)]

    for row in read_lines(ours_file):
        heads, width = row["heads"], row["width"]
        size = (row["batch"], heads, row["n"], width)
        if row["kind"] == "window":
            continue
        if row["kind"] == "ragged":
            each = lengths(row)
            size = (row["batch"], heads, max(each), width)
            q, k, v = draw(sum(each), heads, width, dtype=row["dtype"])
            ends = torch.tensor([0] + each, device="cuda").cumsum(0).to(torch.int32)
            for _ in range(LAUNCHES):
                torch.ops.aten._flash_attention_forward(
                    q, k, v, ends, ends, max(each), max(each), 0.0, False, False
                )
        q, k, v = draw(*size, dtype=row["dtype"])
        for backend in (SDPBackend.FLASH_ATTENTION, SDPBackend.CUDNN_ATTENTION):
            with sdpa_kernel(backend):
                for _ in range(LAUNCHES):
                    functional.scaled_dot_product_attention(
                        q, k, v, is_causal=row["kind"] == "causal"
                    )
    torch.cuda.synchronize()


def read_lines(file):
    with open(file) as lines:
        return [json.loads(line) for line in lines]


def durations(file):
    """Microseconds of each group of launches, in order."""
    with open(file) as lines:
        times = [
            float(row[-1].replace(",", "")) / 1000
            for row in csv.reader(lines)
            if len(row) > 3 and row[-3] == "gpu__time_duration.sum"
        ]
    groups = [times[i + 1 : i + LAUNCHES] for i in range(0, len(times), LAUNCHES)]
    return [sorted(group)[len(group) // 2] for group in groups]


def report(ours_file, ours_csv, peers_csv, out_file):
    rows, ours, peers = read_lines(ours_file), durations(ours_csv), iter(durations(peers_csv))
    if len(rows) != len(ours):
        sys.exit(f"{ours_csv}: expected {len(rows)} groups of launches, found {len(ours)}")
    names = {"ragged": ["FA2 varlen", "FA2 padded", "cuDNN padded"], "window": []}
    print("| kind | d | type | B,H,n | us | TFLOP/s | against |")
    print("|---|---|---|---|---|---|---|")
    for row, time in zip(rows, ours):
        flops = row["tflops"] * row["us"]
        row["peers"] = {name: next(peers) for name in names.get(row["kind"], ["FA2", "cuDNN"])}
        row.update(us=time, tflops=flops / time)
        del row["error"]  # of the profiled run; AttentionBench alone reports it
        against = ", ".join(
            f"{name} {other:.1f} us: {other / time:.2f}x" for name, other in row["peers"].items()
        )
        print(
            f"| {row['kind']} | {row['width']} | {row['dtype']} | {row['batch']},{row['heads']},"
            f"{row['n']} | {time:.1f} | {row['tflops']:.0f} | {against} |"
        )
    with open(out_file, "w") as out:
        json.dump({"date": datetime.date.today().isoformat(), "rows": rows}, out, indent=1)


if __name__ == "__main__":
    {"launch": launch, "report": report}[sys.argv[1]](*sys.argv[2:])
