"""The sigmoid-attention encoder of the checkpoint contract, in PyTorch.

One definition for training, export and the golden tensors that the Java engine is checked
against. `config` is the parsed config.json. Batches are padded here (`lengths` says how far each
row is real) and ragged in Java; results of real rows are the same.
"""

from __future__ import annotations

import json
import math
import pathlib

import torch
import torch.nn.functional as F
from torch import nn

ACTIVATIONS = {
    "relu": F.relu,
    "silu": F.silu,
    "gelu": F.gelu,
    "gelu_new": lambda x: F.gelu(x, approximate="tanh"),
}


def alibi_slopes(heads: int) -> list[float]:
    """Slopes 2^(-8(h+1)/H), and the usual interpolation when H is not a power of two."""

    def of_power(count: int) -> list[float]:
        return [2.0 ** (-8.0 * (h + 1) / count) for h in range(count)]

    lower = 2 ** math.floor(math.log2(heads))
    return of_power(lower) + of_power(2 * lower)[0::2][: heads - lower]


def sinusoids(length: int, width: int, device: torch.device) -> torch.Tensor:
    """[length, width]: sines in the first half, cosines in the second."""
    half = torch.arange(width // 2, dtype=torch.float64, device=device)
    rates = 10000.0 ** (-2.0 * half / width)
    angles = torch.arange(length, dtype=torch.float64, device=device)[:, None] * rates
    return torch.cat([angles.sin(), angles.cos()], dim=1).float()


def rotary_tables(length: int, head_dim: int, theta: float, device: torch.device):
    half = torch.arange(head_dim // 2, dtype=torch.float64, device=device)
    angles = torch.arange(length, dtype=torch.float64, device=device)[:, None]
    angles = angles * theta ** (-2.0 * half / head_dim)
    angles = torch.cat([angles, angles], dim=1)
    return angles.cos().float(), angles.sin().float()


def rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat([-second, first], dim=-1) * sin


def at_least_float(x: torch.Tensor) -> torch.Tensor:
    """Half precision (under autocast) to float32; double stays double."""
    return x.float() if x.dtype in (torch.bfloat16, torch.float16) else x


def allowed_keys(lengths: torch.Tensor, size: int, attention: dict) -> torch.Tensor:
    """Which keys each query may attend to, [batch, size, size]."""
    position = torch.arange(size, device=lengths.device)
    distance = position[:, None] - position[None, :]
    allowed = torch.ones_like(distance, dtype=torch.bool)
    window = attention.get("sliding_window")
    if window is not None:
        allowed &= distance.abs() <= window
    if attention.get("causal"):
        allowed &= distance >= 0
    return allowed & (position < lengths[:, None])[:, None, :]


class Branch(nn.Module):
    """A residual branch: pre, post or hybrid norm around what the subclass computes."""

    def __init__(self, config: dict):
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.kind = config["norm"]
        self.norm = nn.LayerNorm(width, eps=eps)
        if self.kind == "hybrid":
            self.post_norm = nn.LayerNorm(width, eps=eps)
        if config.get("layer_scale") is not None:
            self.layer_scale = nn.Parameter(torch.full((width,), float(config["layer_scale"])))
        else:
            self.layer_scale = None
        self.dropout = nn.Dropout(config.get("dropout", 0.0))

    def forward(self, x: torch.Tensor, *context: torch.Tensor) -> torch.Tensor:
        y = self.transform(x if self.kind == "post" else self.norm(x), *context)
        if self.kind == "hybrid":
            y = self.post_norm(y)
        if self.layer_scale is not None:
            y = y * self.layer_scale
        x = x + self.dropout(y)
        return self.norm(x) if self.kind == "post" else x


class Attention(Branch):
    """out_i = sum_j sigmoid(q_i . k_j / sqrt(d) + b) v_j, or softmax for comparison."""

    def __init__(self, config: dict):
        super().__init__(config)
        self.spec, self.position = config["attention"], config["position"]
        width, bias = config["hidden_size"], config.get("use_bias", True)
        self.heads = config["num_attention_heads"]
        self.head_dim = width // self.heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width, bias=bias) for _ in range(4))
        if self.spec.get("qk_norm"):
            eps = config["layer_norm_eps"]
            self.q_norm = nn.LayerNorm(self.head_dim, eps=eps, bias=False)
            self.k_norm = nn.LayerNorm(self.head_dim, eps=eps, bias=False)

    def transform(self, x: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
        batch, size, width = x.shape

        def heads_of(projected: torch.Tensor) -> torch.Tensor:
            return projected.view(batch, size, self.heads, self.head_dim).transpose(1, 2)

        q, k, v = heads_of(self.q(x)), heads_of(self.k(x)), heads_of(self.v(x))
        if self.spec.get("qk_norm"):
            q, k = self.q_norm(q), self.k_norm(k)
        if self.position["type"] == "rope":
            cos, sin = rotary_tables(size, self.head_dim, self.position["rope_theta"], x.device)
            q, k = rotate(q, cos, sin).to(v.dtype), rotate(k, cos, sin).to(v.dtype)
        scale = 1.0 / (math.sqrt(self.head_dim) * self.spec.get("temperature", 1.0))
        logits = at_least_float(q @ k.transpose(-1, -2)) * scale
        if self.position["type"] == "alibi":
            index = torch.arange(size, device=x.device)
            slopes = torch.tensor(alibi_slopes(self.heads), device=x.device)
            logits = logits - slopes[:, None, None] * (index[:, None] - index).abs()
        mask = allowed[:, None]
        if self.spec["type"] == "softmax":
            probabilities = logits.masked_fill(~mask, -1e30).softmax(dim=-1)
        elif self.spec["bias"] == "-log_n":
            count = mask.sum(dim=-1, keepdim=True).clamp(min=1)
            probabilities = torch.sigmoid(logits - count.float().log())
        else:
            probabilities = torch.sigmoid(logits + self.spec["bias"])
        probabilities = probabilities.masked_fill(~mask, 0.0)
        mixed = probabilities.to(v.dtype) @ v
        return self.o(mixed.transpose(1, 2).reshape(batch, size, width))


class FeedForward(Branch):
    def __init__(self, config: dict):
        super().__init__(config)
        bias = config.get("use_bias", True)
        self.up = nn.Linear(config["hidden_size"], config["intermediate_size"], bias=bias)
        self.down = nn.Linear(config["intermediate_size"], config["hidden_size"], bias=bias)
        self.activation = ACTIVATIONS[config["hidden_act"]]

    def transform(self, x: torch.Tensor) -> torch.Tensor:
        return self.down(self.dropout(self.activation(self.up(x))))


class Layer(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.attn = Attention(config)
        self.ffn = FeedForward(config)

    def forward(self, x: torch.Tensor, allowed: torch.Tensor) -> torch.Tensor:
        return self.ffn(self.attn(x, allowed))


class Convolution(nn.Module):
    """A strided convolution over frames as one matrix product; weight [out, in, kernel].

    Zero padding of kernel // 2 on each side. Written without nn.Conv1d so that many models can
    train side by side (vmap turns the product into a batched one, a convolution into a slow one).
    """

    def __init__(self, input_size: int, layer: dict):
        super().__init__()
        self.kernel, self.stride = layer["kernel"], layer["stride"]
        self.activation = ACTIVATIONS[layer["activation"]]
        bound = 1.0 / math.sqrt(input_size * self.kernel)
        shape = (layer["channels"], input_size, self.kernel)
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(layer["channels"]).uniform_(-bound, bound))

    def output_length(self, length):
        out = (length + 2 * (self.kernel // 2) - self.kernel) // self.stride + 1
        return out * (length > 0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        half = self.kernel // 2
        patches = F.pad(x, (0, 0, half, half)).unfold(1, self.kernel, self.stride)
        return self.activation(F.linear(patches.flatten(2), self.weight.flatten(1), self.bias))


class FrontEnd(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        sizes = [config["input_size"]] + [layer["channels"] for layer in config["layers"]]
        layers = [Convolution(size, layer) for size, layer in zip(sizes, config["layers"])]
        self.conv = nn.ModuleList(layers)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor):
        for conv in self.conv:
            # Rows past a sequence's end are the zeros that its own padding would be.
            x = x * valid_rows(lengths, x.shape[1])[..., None]
            x, lengths = conv(x), conv.output_length(lengths)
        return x, lengths


def valid_rows(lengths: torch.Tensor, size: int) -> torch.Tensor:
    return torch.arange(size, device=lengths.device) < lengths[:, None]


class Encoder(nn.Module):
    """Token ids [batch, size] or features [batch, frames, input_size] to the task's output.

    `forward` returns (log-probabilities [batch, steps, classes], steps) for "ctc", class
    log-probabilities for "text-classification", the raw score for "score" (sigmoid of it is the
    probability) and the unit vector for "embedding".
    """

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        width = config["hidden_size"]
        if config.get("frontend"):
            self.frontend = FrontEnd(config["frontend"])
        self.embeddings = nn.ModuleDict()
        if config["task"] != "ctc":
            self.embeddings["word_embeddings"] = nn.Embedding(config["vocab_size"], width)
            nn.init.normal_(self.embeddings["word_embeddings"].weight, std=0.1)
        if config["position"]["type"] == "learned":
            places = config["max_position_embeddings"]
            self.embeddings["position_embeddings"] = nn.Embedding(places, width)
            nn.init.normal_(self.embeddings["position_embeddings"].weight, std=0.1)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(
            Layer(config) for _ in range(config["num_hidden_layers"])
        )
        if config["norm"] != "post":
            self.encoder.final_norm = nn.LayerNorm(width, eps=config["layer_norm_eps"])
        if config["task"] != "embedding":
            classes = 1 if config["task"] == "score" else len(config["id2label"])
            self.head = nn.Linear(width, classes)
        self.dropout = nn.Dropout(config.get("dropout", 0.0))

    def hidden_states(self, inputs: torch.Tensor, lengths: torch.Tensor):
        """Every layer's output, the embedding's first and the final norm's last, and lengths."""
        x = inputs
        if "word_embeddings" in self.embeddings:
            x = self.embeddings["word_embeddings"](x)
        if self.config.get("frontend"):
            x, lengths = self.frontend(x, lengths)
        size = x.shape[1]
        if self.config["position"]["type"] == "learned":
            x = x + self.embeddings["position_embeddings"].weight[:size]
        elif self.config["position"]["type"] == "sinusoidal":
            x = x + sinusoids(size, x.shape[2], x.device)
        x = self.dropout(x)
        allowed = allowed_keys(lengths, size, self.config["attention"])
        states = [x]
        for layer in self.encoder.layers:
            x = layer(x, allowed)
            states.append(x)
        if self.config["norm"] != "post":
            states.append(self.encoder.final_norm(x))
        return states, lengths

    def pool(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        mask = valid_rows(lengths, x.shape[1])[..., None]
        if self.config["pooling"] == "cls":
            return x[:, 0]
        if self.config["pooling"] == "max":
            return x.masked_fill(~mask, -1e30).amax(dim=1)
        return (x * mask).sum(dim=1) / lengths[:, None]

    def forward(self, inputs: torch.Tensor, lengths: torch.Tensor):
        states, lengths = self.hidden_states(inputs, lengths)
        x = states[-1]
        if self.config["task"] == "ctc":
            return at_least_float(self.head(x)).log_softmax(dim=-1), lengths
        pooled = self.pool(at_least_float(x), lengths)
        if self.config["task"] == "embedding":
            return F.normalize(pooled, dim=-1)
        if self.config["task"] == "score":
            return self.head(pooled)[:, 0]
        return at_least_float(self.head(pooled)).log_softmax(dim=-1)


def save_checkpoint(
    folder: pathlib.Path, config: dict, state: dict, dtype: torch.dtype = torch.float16
) -> None:
    """config.json and model.safetensors, without what only training needs."""
    from safetensors.torch import save_file

    folder.mkdir(parents=True, exist_ok=True)
    kept = {key: value for key, value in config.items() if key != "dropout"}
    (folder / "config.json").write_text(json.dumps(kept, indent=2) + "\n")
    tensors = {name: value.detach().to(dtype).contiguous().cpu() for name, value in state.items()}
    save_file(tensors, str(folder / "model.safetensors"), metadata={"format": "pt"})


def load_checkpoint(folder: pathlib.Path) -> Encoder:
    from safetensors.torch import load_file

    model = Encoder(json.loads((pathlib.Path(folder) / "config.json").read_text()))
    state = load_file(str(pathlib.Path(folder) / "model.safetensors"))
    model.load_state_dict({name: value.float() for name, value in state.items()})
    return model.eval()
