"""Makes the golden tensors that the Java engine is checked against.

    python golden.py [folder]     default: ../../tornado-kernels/src/test/resources/golden

Each case is a folder: a tiny checkpoint by the contract and `golden.safetensors` with the packed
(ragged) inputs, `offsets`, every layer's output `state.0` (embedding or front end) ..
`state.<layers>`, `state.final` (after the final norm, when there is one) and `output`. The audio
case holds a waveform, its log-mels and features; the stream case holds windows, log-probabilities
and the results that stitching them must give.
"""

from __future__ import annotations

import dataclasses
import json
import pathlib
import sys

import numpy as np
import torch
from safetensors.torch import save_file

import frontend
import model
import streaming

DEFAULT = pathlib.Path(__file__).parents[2] / "tornado-kernels/src/test/resources/golden"
TEXT_LENGTHS = (1, 2, 7, 19)
FRAME_LENGTHS = (1, 3, 8, 21, 40)

BASE = {
    "model_type": "flink-sigmoid",
    "task": "text-classification",
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 24,
    "hidden_act": "relu",
    "layer_norm_eps": 1e-5,
    "max_position_embeddings": 64,
    "vocab_size": 256,
    "id2label": {"0": "no", "1": "yes", "2": "maybe"},
    "attention": {"type": "sigmoid", "bias": "-log_n"},
    "position": {"type": "none"},
    "norm": "pre",
    "pooling": "mean",
    "tokenizer": "byte",
}

FRONT_END = {
    "input_size": 6,
    "layers": [
        {"kernel": 5, "stride": 2, "channels": 12, "activation": "relu"},
        {"kernel": 3, "stride": 2, "channels": 16, "activation": "gelu"},
    ],
}

CASES = {
    "ctc-conv-rope-qknorm": {
        "task": "ctc",
        "id2label": {"0": "<blank>", "1": "0", "2": "1", "3": "2"},
        "frontend": FRONT_END,
        "layer_scale": 0.2,
        "attention": {"type": "sigmoid", "bias": "-log_n", "qk_norm": True},
        "position": {"type": "rope", "rope_theta": 10000.0},
    },
    "ctc-conv-softmax-sinusoidal": {
        "task": "ctc",
        "id2label": {"0": "<blank>", "1": "0", "2": "1"},
        "frontend": FRONT_END,
        "attention": {"type": "softmax"},
        "position": {"type": "sinusoidal"},
        "norm": "post",
        "hidden_act": "gelu_new",
    },
    "classify-alibi-hybrid": {
        "num_attention_heads": 4,
        "norm": "hybrid",
        "layer_scale": 0.5,
        "hidden_act": "gelu",
        "position": {"type": "alibi"},
        "attention": {"type": "sigmoid", "bias": "-log_n", "temperature": 0.7},
    },
    "classify-causal-learned": {
        "position": {"type": "learned"},
        "attention": {"type": "sigmoid", "bias": "-log_n", "causal": True},
        "pooling": "max",
        "hidden_act": "silu",
    },
    "score-window-rope": {
        "task": "score",
        "id2label": {"0": "spam"},
        "hidden_size": 12,
        "position": {"type": "rope", "rope_theta": 100.0},
        "attention": {"type": "sigmoid", "bias": -2.0, "sliding_window": 4, "qk_norm": True},
        "norm": "hybrid",
    },
    "score-causal-window-alibi": {
        "task": "score",
        "id2label": {"0": "spam"},
        "hidden_size": 12,
        "num_attention_heads": 3,
        "position": {"type": "alibi"},
        "attention": {"type": "sigmoid", "bias": "-log_n", "causal": True, "sliding_window": 5},
        "pooling": "cls",
    },
    "embed-softmax-post-learned": {
        "task": "embedding",
        "id2label": {},
        "normalize": True,
        "norm": "post",
        "position": {"type": "learned"},
        "attention": {"type": "softmax"},
        "hidden_act": "gelu",
    },
    "embed-fixed-bias-nobias": {
        "task": "embedding",
        "id2label": {},
        "normalize": True,
        "use_bias": False,
        "hidden_size": 8,
        "position": {"type": "sinusoidal"},
        "attention": {"type": "sigmoid", "bias": -1.5},
        "hidden_act": "gelu_new",
    },
}

DTYPES = {"classify-causal-learned": torch.float16, "embed-softmax-post-learned": torch.bfloat16}


def pack(rows: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
    return torch.cat([row[:length] for row, length in zip(rows, lengths.tolist())]).contiguous()


def offsets_of(lengths: torch.Tensor) -> torch.Tensor:
    return torch.cat([torch.zeros(1, dtype=torch.int64), lengths.cumsum(0)]).int()


def encoder_case(folder: pathlib.Path, changes: dict) -> None:
    dtype = DTYPES.get(folder.name, torch.float32)
    torch.manual_seed(20)
    config = {**BASE, **changes}
    encoder = model.Encoder(config).eval()
    for parameter in encoder.parameters():  # norms and scales away from 1 and 0
        parameter.data += 0.1 * torch.randn_like(parameter)
        parameter.data = parameter.data.to(dtype).float()
    state = {name: value.detach().clone() for name, value in encoder.state_dict().items()}
    model.save_checkpoint(folder, config, state, dtype)
    speech = "frontend" in config
    lengths = torch.tensor(FRAME_LENGTHS if speech else TEXT_LENGTHS)
    size = int(lengths.max())
    if speech:
        inputs = torch.randn(len(lengths), size, config["frontend"]["input_size"])
    else:
        inputs = torch.randint(0, 256, (len(lengths), size))
    golden = {"offsets": offsets_of(lengths)}
    golden["features" if speech else "ids"] = pack(inputs, lengths)
    # Double arithmetic, so that the golden values are exact to float32.
    encoder = encoder.double()
    with torch.no_grad():
        states, steps = encoder.hidden_states(inputs.double() if speech else inputs, lengths)
        output = encoder(inputs.double() if speech else inputs, lengths)
    golden["step_offsets"] = offsets_of(steps)
    names = [f"state.{i}" for i in range(config["num_hidden_layers"] + 1)] + ["state.final"]
    for name, value in zip(names, states):
        golden[name] = pack(value, steps)
    if config["task"] == "ctc":
        golden["output"] = pack(output[0], steps)
    elif config["task"] == "score":
        golden["output"] = output.sigmoid()
    elif config["task"] == "text-classification":
        golden["output"] = output.exp()
    else:
        golden["output"] = output
    save(folder / "golden.safetensors", golden)


def save(path: pathlib.Path, tensors: dict) -> None:
    kept = {
        name: value.int() if not value.is_floating_point() else value.float()
        for name, value in tensors.items()
    }
    save_file({name: value.contiguous() for name, value in kept.items()}, str(path))


WORDS = ((0.1, 0.4, 118, 500), (0.5, 0.65, 205, 900), (0.75, 1.05, 96, 350))


def waveform(seconds: float = 1.1) -> np.ndarray:
    """Three voiced "words" with moving formants, pauses between them, in a little noise."""
    random = np.random.default_rng(3)
    time = np.arange(int(seconds * frontend.SAMPLE_RATE)) / frontend.SAMPLE_RATE
    signal = np.zeros_like(time)
    for start, stop, pitch, formant in WORDS:
        envelope = np.clip(np.minimum(time - start, stop - time) / 0.04, 0.0, 1.0)
        for harmonic in range(1, 30):
            hertz = pitch * harmonic * (1.0 + 0.05 * time)
            if hertz.max() < 3900:
                peak = np.exp(-(((hertz - formant * (1 + time)) / 400.0) ** 2)) + 0.05
                signal += envelope * peak * np.sin(2 * np.pi * np.cumsum(hertz) / 8000.0)
    signal = 0.2 * signal / np.abs(signal).max() + 0.0005 * random.standard_normal(len(time))
    return np.round(signal * 32767).astype(np.int16)


# The goldens' own level, so that they stay when the recipe's floor moves.
LEVEL = dict(frontend.LEVEL, floor=-6.907755)


def audio_case(folder: pathlib.Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    samples = waveform()
    log_mels = frontend.log_mel(samples / 32768.0)
    tilted = dict(LEVEL, mel_tilt=np.linspace(1.0, -1.5, frontend.N_MELS).tolist())
    tilted["floor"] = -8.0
    level = frontend.level(log_mels)
    window = streaming.Window(64, 104, False)
    short = dict(LEVEL, history_frames=96)
    arrays = {
        "samples": samples.astype(np.int32),
        "log_mels": log_mels,
        "level": np.array([level]),
        "features": frontend.normalise(log_mels, level, LEVEL),
        "tilted_features": frontend.normalise(log_mels, level, tilted),
        # the padded stream, as the recogniser reads it
        "padded_log_mels": frontend.log_mel(frontend.padded(samples / 32768.0)),
        # frames [64, 104) with the level of a history of 96 frames, [8, 104)
        "window_features": streaming.window_features(log_mels, window, short),
        "short_samples": samples[1000:1150].astype(np.int32),
        "short_log_mels": frontend.log_mel(samples[1000:1150] / 32768.0),
        "silence_features": frontend.normalise(
            frontend.log_mel(np.zeros(600)), frontend.level(frontend.log_mel(np.zeros(600))), LEVEL
        ),
    }
    tensors = {name: torch.from_numpy(np.asarray(value)) for name, value in arrays.items()}
    save(folder / "golden.safetensors", tensors)
    (folder / "preprocessor_config.json").write_text(
        json.dumps(frontend.preprocessor_config(tilted), indent=2) + "\n"
    )


def stream_case(folder: pathlib.Path) -> None:
    """Random but word-like log-probabilities of five classes over a stream of 1,000 frames."""
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(4)
    frames, classes = 1001, 5
    steps = streaming.steps_of(frames)
    base = np.full((steps, classes), 0.02)
    base[:, 0] = 1.0
    for start in [3, 11, 20, 26, 33, 60, 66, 110, 118, 126, 170, 176, 245]:
        label = random.integers(1, classes)
        base[start : start + 4, label] += 3.0
    decoder = streaming.StreamingDecoder(classes)
    tensors, lines = {}, []
    for number, window in enumerate(streaming.windows(frames)):
        first = window.start // streaming.SUBSAMPLING
        noisy = base[first : streaming.steps_of(window.end)]
        noisy = noisy * np.exp(random.normal(0.0, 0.6, noisy.shape))
        log_probs = np.log(noisy / noisy.sum(axis=1, keepdims=True)).astype(np.float32)
        results = decoder.accept(window, log_probs)
        tensors[f"window.{number}"] = torch.from_numpy(log_probs)
        lines.append(
            {
                "start": window.start,
                "end": window.end,
                "last": window.last,
                "settled": decoder.settled,
                "results": [
                    {"final": result.final, "tokens": list(map(dataclasses.astuple, result.tokens))}
                    for result in results
                ],
            }
        )
    save(folder / "golden.safetensors", tensors)
    (folder / "windows.json").write_text(
        "[\n" + ",\n".join(json.dumps(line) for line in lines) + "\n]\n"
    )


def main() -> None:
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    for name, changes in CASES.items():
        encoder_case(target / name, changes)
    audio_case(target / "audio")
    stream_case(target / "stream")
    total = sum(path.stat().st_size for path in target.rglob("*") if path.is_file())
    print(f"{target}: {total / 1000:.0f} KB")
    assert total <= 500_000


if __name__ == "__main__":
    main()
