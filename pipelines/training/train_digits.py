"""Trains `digits-ctc`: many models side by side on one GPU, each with its own seed and voices.

    python train_digits.py --fsdd DIR --voices voices.npz --out DIR --plan final [--minutes 4]

Models share one pool of rendered strings a step; a model draws only from strings of the voices
that it may hear. Prints and writes the digit word error rate, streaming and offline, of each.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import dataclasses
import functools
import json
import math
import pathlib
import time

import numpy as np
import torch
import torch.nn.functional as F

import digit_strings
import evaluate_digits
import frontend
import model
from digit_strings import FRAMES
from stack import Stack

SPEAKERS = ("george", "jackson", "lucas", "yweweler")
CONFIG = {
    "model_type": "flink-sigmoid",
    "task": "ctc",
    "hidden_size": 144,
    "num_hidden_layers": 5,
    "num_attention_heads": 4,
    "intermediate_size": 576,
    "hidden_act": "relu",
    "layer_norm_eps": 1e-5,
    "max_position_embeddings": 1024,
    "vocab_size": 11,
    "id2label": {"0": "<blank>", **{str(digit + 1): str(digit) for digit in range(10)}},
    "attention": {"type": "sigmoid", "bias": "-log_n", "qk_norm": True},
    "position": {"type": "rope", "rope_theta": 10000.0},
    "norm": "pre",
    "layer_scale": 0.2,
    "frontend": {
        "input_size": frontend.N_MELS,
        "layers": [
            {"kernel": 5, "stride": 2, "channels": 144, "activation": "relu"},
            {"kernel": 5, "stride": 2, "channels": 144, "activation": "relu"},
        ],
    },
    "dropout": 0.1,
}


@dataclasses.dataclass(frozen=True)
class Run:
    """One model: its seed, and the speaker that it may not hear."""

    seed: int
    held_out: str | None = None

    @property
    def name(self) -> str:
        return f"{self.held_out or 'all'}-{self.seed}"


SEEDS = range(3)
PLANS = {
    "tiny": [Run(0), Run(0, "lucas")],
    "final": [Run(seed, name) for name in (None, *SPEAKERS) for seed in SEEDS],
}


def load_bank(fsdd: pathlib.Path, voices: pathlib.Path, device) -> digit_strings.ClipBank:
    """Training clips of the four speakers (indices 5 and up), then the synthetic voices."""
    clips, digits, owners = [], [], []
    for clip in evaluate_digits.read_clips(fsdd):
        if clip.index >= 5:
            samples = clip.samples / 32768.0
            clips.append(samples / np.sqrt((samples**2).mean()) * 0.1)
            digits.append(clip.digit)
            owners.append(clip.speaker)
    synthetic = np.load(voices)
    decoded = (np.arange(256) / 127.5 - 1.0).astype(np.float32)
    decoded = np.sign(decoded) * (256.0 ** np.abs(decoded) - 1.0) / 255.0
    samples, offsets = decoded[synthetic["samples"]], synthetic["offsets"]
    for number, (digit, owner) in enumerate(zip(synthetic["digits"], synthetic["voices"])):
        clip = samples[offsets[number] : offsets[number + 1]]
        clips.append(clip / np.sqrt((clip**2).mean()) * 0.1)
        digits.append(int(digit))
        owners.append(str(owner))
    return digit_strings.ClipBank.of(clips, digits, owners, device)


class Chooser:
    """Which strings of the pool each model draws: a quarter of one half for each speaker, the
    other half for synthetic voices."""

    def __init__(self, bank: digit_strings.ClipBank, runs: list[Run], size: int, draw):
        self.draw, self.device = draw, bank.samples.device
        share = size // 8
        self.real = share * len(SPEAKERS)
        self.synthetic = size - self.real
        speaker_id = torch.tensor([bank.voice_names.index(name) for name in SPEAKERS])
        self.speakers = speaker_id.repeat_interleave(share).to(self.device)
        others = [i for i, name in enumerate(bank.voice_names) if name not in SPEAKERS]
        self.others = torch.tensor(others, device=self.device)
        owner = np.repeat(SPEAKERS, share)
        rows = [np.flatnonzero(owner != run.held_out) for run in runs]
        self.counts = torch.tensor([[len(row)] for row in rows], device=self.device)
        padded = np.stack([np.resize(row, self.real) for row in rows])
        self.rows = torch.from_numpy(padded).to(self.device)

    def voices(self) -> torch.Tensor:
        unit = torch.rand(self.synthetic, generator=self.draw, device=self.device)
        return torch.cat([self.speakers, self.others[(unit * len(self.others)).long()]])

    def choose(self, count: int) -> torch.Tensor:
        """Half real, half synthetic: [models, count]."""
        unit = torch.rand(2, len(self.rows), count, generator=self.draw, device=self.device)
        real = self.rows.gather(1, (unit[0] * self.counts).long())
        other = self.real + (unit[0] * self.synthetic).long()
        return torch.where(unit[1] < 0.5, other, real)


def loss_of(stack: Stack, windows: digit_strings.Windows) -> torch.Tensor:
    """CTC, about one word's share of it: [models]."""
    scores, steps = stack(windows.features, windows.lengths)
    models, count, size, classes = scores.shape
    losses = F.ctc_loss(
        scores.reshape(models * count, size, classes).transpose(0, 1),
        windows.targets.reshape(models * count, -1),
        steps.reshape(-1),
        windows.target_lengths.reshape(-1),
        reduction="none",
        zero_infinity=True,
    )
    return losses.view(models, count).mean(1) / 5.0


def warm_up(stack: Stack, pool: digit_strings.Pool, chooser: Chooser, options, report) -> None:
    """Compiles both shapes before the clock of the schedule starts."""
    begun = time.time()
    try:
        for size, count in ((options.window, options.batch), (FRAMES, options.batch // 3)):
            gradients_of(stack, pool, chooser.choose(count), size, chooser.draw)
    except Exception as failure:  # whatever a compiler throws: train without it
        report(f"not compiled: {type(failure).__name__}: {str(failure)[:500]}")
        stack.forward = stack.mapped
    for value in stack.parameters.values():
        value.grad = None
    report(f"compiled in {time.time() - begun:.0f}s")


def gradients_of(stack: Stack, pool, chosen, size: int, draw) -> torch.Tensor:
    windows = digit_strings.cut_windows(pool, chosen, size, draw)
    with torch.autocast(chosen.device.type, torch.bfloat16, enabled=chosen.is_cuda):
        losses = loss_of(stack, windows)
    losses.sum().backward()
    return losses.detach()


def train(stack: Stack, runs: list[Run], bank, options, report) -> None:
    maker = digit_strings.StringMaker(bank, options.seed)
    chooser = Chooser(bank, runs, options.pool, maker.draw)
    optimizer = stack.optimizer(options.rate, weight_decay=0.05)
    if options.compile:
        pool = maker.render(chooser.voices(), 0.0)
        warm_up(stack, pool, chooser, options, report)
    begun, step, progress = time.time(), 0, 0.0
    budget = options.minutes * 60 - (begun - options.begun)
    while progress < 1.0:
        if step % options.reuse == 0:
            pool = maker.render(chooser.voices(), progress)
        long = step % 6 == 5
        size = FRAMES if long else options.window
        chosen = chooser.choose(options.batch // 3 if long else options.batch)
        losses = gradients_of(stack, pool, chosen, size, maker.draw)
        warm, decay = min(1.0, (step + 1) / 200), 0.5 + 0.5 * math.cos(math.pi * progress)
        stack.step(optimizer, max(1e-6, options.rate * warm * decay))
        step += 1
        seconds = time.time() - begun
        progress = step / options.steps if options.steps else seconds / budget
        if step % options.every == 0 or progress >= 1.0 or step == 20:
            report(f"step {step} {seconds:.0f}s loss {losses.mean().item():.3f}")


def test_sets(fsdd: pathlib.Path, strings: int) -> dict[str, tuple]:
    """Utterances and their log-mels: "seen" on test indices, each speaker on all clips."""
    clips = evaluate_digits.read_clips(fsdd)
    sets = {}
    for name in (None, *SPEAKERS):
        if name is None:
            chosen, count = [clip for clip in clips if clip.index < 5], 3 * strings
        else:
            chosen, count = [clip for clip in clips if clip.speaker == name], strings
        utterances = {
            "singles": evaluate_digits.singles(chosen),
            "strings": evaluate_digits.strings(chosen, count, 1),
        }
        for kind, made in utterances.items():
            sets[f"{name or 'seen'}/{kind}"] = (made, evaluate_digits.log_mels_of(made))
    return sets


def evaluate(stack: Stack, runs: list[Run], sets: dict, device) -> list[dict]:
    @functools.lru_cache(maxsize=None)
    def prepared(name: str, offline: bool):
        return evaluate_digits.Prepared.of(sets[name][1], frontend.LEVEL, offline)

    def errors(encode, name: str, offline: bool) -> float:
        heard = evaluate_digits.transcribe(prepared(name, offline), encode)
        wrong, words = evaluate_digits.word_errors(sets[name][0], heard)
        return 100.0 * wrong / words

    rows = []
    for number, run in enumerate(runs):
        encoder = stack.shipped(CONFIG, number, device)
        encode = evaluate_digits.torch_encoder(encoder, device, rows=1024)
        row = {"name": run.name, **dataclasses.asdict(run)}
        for kind in ("singles", "strings"):
            name = f"{run.held_out or 'seen'}/{kind}"
            row[f"{kind}-streaming"] = errors(encode, name, False)
            row[f"{kind}-offline"] = errors(encode, name, True)
        rows.append(row)
    return rows


def summary(rows: list[dict]) -> str:
    modes = ("streaming", "offline")
    keys = [f"{kind}-{mode}" for kind in ("singles", "strings") for mode in modes]
    lines = [f"{'percent digit errors':24}" + "".join(f"{key:>19}" for key in keys)]

    def line(name: str, members: list[dict]) -> str:
        values = (np.mean([row[key] for row in members]) for key in keys)
        return f"{name:24}" + "".join(f"{value:19.2f}" for value in values)

    lines += [line(row["name"], [row]) for row in rows]
    for title, left_out in (("seen", False), ("left out", True)):
        members = [row for row in rows if (row["held_out"] is not None) == left_out]
        lines += [
            line(f"MEAN {title}, seed {seed}", [row for row in members if row["seed"] == seed])
            for seed in sorted({row["seed"] for row in members})
        ]
        lines.append(line(f"MEAN {title}", members))
    return "\n".join(lines)


def save(folder: pathlib.Path, state: dict) -> None:
    model.save_checkpoint(folder, CONFIG, state)
    text = json.dumps(frontend.preprocessor_config(), indent=2)
    (folder / "preprocessor_config.json").write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fsdd", type=pathlib.Path, required=True)
    parser.add_argument("--voices", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--plan", choices=PLANS, default="final")
    parser.add_argument("--minutes", type=float, default=4.0, help="from start to last step")
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--reuse", type=int, default=6, help="steps that draw from one pool")
    parser.add_argument("--steps", type=int, help="instead of --minutes")
    parser.add_argument("--batch", type=int, default=64, help="windows a model and step")
    parser.add_argument("--pool", type=int, default=1024, help="strings rendered at once")
    parser.add_argument("--window", type=int, default=256, help="frames")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--every", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test-strings", type=int, default=100)
    options = parser.parse_args()
    options.begun = time.time()
    options.out.mkdir(parents=True, exist_ok=True)
    log = (options.out / "train_digits.log").open("w")

    def report(line: str) -> None:
        print(line, flush=True)
        print(line, file=log, flush=True)

    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        sets = pool.submit(test_sets, options.fsdd, options.test_strings)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        bank = load_bank(options.fsdd, options.voices, device)
        report(f"{len(bank.length)} clips, {len(bank.voice_names)} voices")
        runs = PLANS[options.plan]
        stack = Stack(CONFIG, [run.seed for run in runs], device, options.compile)
        size = sum(value[0].numel() for value in stack.parameters.values())
        report(f"{len(runs)} models of {size / 1e6:.2f} M parameters")
        train(stack, runs, bank, options, report)
        for number, run in enumerate(runs):
            save(options.out / "models" / run.name, stack.state(number))
        begun = time.time()
        rows = evaluate(stack, runs, sets.result(), device)
    (options.out / "results.json").write_text(json.dumps(rows, indent=1))
    report(summary(rows))
    report(f"evaluated in {time.time() - begun:.0f}s")


if __name__ == "__main__":
    main()
