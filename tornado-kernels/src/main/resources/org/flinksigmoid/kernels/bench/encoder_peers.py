"""Times the first encoder of EncoderBench in PyTorch, compiled: 12 pre-norm layers, d = 512, 8
heads, FFN 2048 with GELU (tanh), fp16, random weights, token ids to one vector a sequence.

    python3 encoder_peers.py [softmax] [sigmoid]

Prints one JSON object a line: median of 50 runs between CUDA events, in milliseconds. Softmax runs
with FlashAttention-2 and with cuDNN's attention; sigmoid as one writes it in PyTorch.
"""

import json
import math
import sys

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

ENCODER = "text, 12 layers of 512"
LAYERS, WIDTH, HEADS, INNER = 12, 512, 8, 2048
SHAPES = [(64, 256), (16, 1024)]
REPEATS = 50


class Layer(nn.Module):
    def __init__(self, sigmoid):
        super().__init__()
        self.sigmoid = sigmoid
        self.first = nn.LayerNorm(WIDTH)
        self.second = nn.LayerNorm(WIDTH)
        self.projections = nn.Linear(WIDTH, 3 * WIDTH)
        self.out = nn.Linear(WIDTH, WIDTH)
        self.up = nn.Linear(WIDTH, INNER)
        self.down = nn.Linear(INNER, WIDTH)

    def forward(self, x):
        batch, n, _ = x.shape
        heads = self.projections(self.first(x)).view(batch, n, 3, HEADS, -1)
        q, k, v = heads.permute(2, 0, 3, 1, 4)
        if self.sigmoid:
            scores = q @ k.transpose(-1, -2) / math.sqrt(WIDTH / HEADS) - math.log(n)
            attended = torch.sigmoid(scores) @ v
        else:
            attended = F.scaled_dot_product_attention(q, k, v)
        x = x + self.out(attended.transpose(1, 2).reshape(batch, n, WIDTH))
        return x + self.down(F.gelu(self.up(self.second(x)), approximate="tanh"))


class Encoder(nn.Module):
    def __init__(self, sigmoid):
        super().__init__()
        self.table = nn.Embedding(256, WIDTH)
        self.layers = nn.ModuleList(Layer(sigmoid) for _ in range(LAYERS))
        self.last = nn.LayerNorm(WIDTH)

    def forward(self, ids):
        x = self.table(ids)
        for layer in self.layers:
            x = layer(x)
        return self.last(x).mean(1)


def milliseconds(encoder, ids):
    for _ in range(10):
        encoder(ids)
    times = []
    for _ in range(REPEATS):
        begin, end = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        begin.record()
        encoder(ids)
        end.record()
        end.synchronize()
        times.append(begin.elapsed_time(end))
    return sorted(times)[REPEATS // 2]


def main():
    torch.manual_seed(1)
    kinds = sys.argv[1:] or ["softmax", "sigmoid"]
    for kind in kinds:
        peers = {"PyTorch softmax, FA2": SDPBackend.FLASH_ATTENTION}
        peers["PyTorch softmax, cuDNN"] = SDPBackend.CUDNN_ATTENTION
        if kind == "sigmoid":
            peers = {"PyTorch sigmoid": SDPBackend.MATH}
        for name, backend in peers.items():
            torch._dynamo.reset()
            encoder = torch.compile(Encoder(kind == "sigmoid").cuda().half().eval(), dynamic=False)
            for batch, n in SHAPES:
                ids = torch.randint(256, (batch, n), device="cuda")
                with torch.inference_mode(), sdpa_kernel(backend):
                    row = {"peer": name, "encoder": ENCODER, "batch": batch, "n": n}
                    row["ms"] = milliseconds(encoder, ids)
                print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
