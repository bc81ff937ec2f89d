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
from stack import Stack

SPREADS = (0.5, 1.0)
NARROW = {"mask": 0.0, "floor": -11.5, "spread": 0.5}
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
    """One model: what it may hear and how it is trained."""

    recipe: str
    seed: int
    held_out: str | None = None
    synthetic: float = 0.5  # share of strings of synthetic voices
    mask: float = 0.3  # strength of SpecAugment
    floor: float = frontend.LEVEL["floor"]
    spread: float = 1.0  # of pitch, formants and tempo, one of SPREADS

    @property
    def name(self) -> str:
        return f"{self.recipe}-{self.held_out or 'all'}-{self.seed}"


def left_out(recipe: str, seeds: int, **options) -> list[Run]:
    return [Run(recipe, s, held_out=name, **options) for name in SPEAKERS for s in range(seeds)]


PLANS = {
    "tiny": [Run("tiny", 0), Run("tiny", 0, held_out="lucas", floor=-11.5, spread=0.5)],
    "final": [
        *(Run("wide", seed) for seed in range(3)),
        *left_out("wide", 2),
        *(Run("narrow", seed, **NARROW) for seed in range(3)),
        *left_out("narrow", 2, **NARROW),
    ],
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
    """Which strings of the pool each model draws: the layout of a pool is fixed."""

    def __init__(self, bank: digit_strings.ClipBank, runs: list[Run], size: int, draw):
        self.draw, self.device = draw, bank.samples.device
        self.synthetic = torch.tensor([run.synthetic for run in runs], device=self.device)
        share = size // 8  # strings of each speaker; the other half is synthetic
        self.rows_synthetic = size - share * len(SPEAKERS)
        speaker_id = torch.tensor([bank.voice_names.index(name) for name in SPEAKERS])
        self.real_voices = speaker_id.repeat_interleave(share).to(self.device)
        others = [i for i, name in enumerate(bank.voice_names) if name not in SPEAKERS]
        self.others = torch.tensor(others, device=self.device)
        rows = np.arange(size)
        spread = np.array(SPREADS, dtype=np.float32)[rows % len(SPREADS)]
        self.spread = torch.from_numpy(spread).to(self.device)
        owner = np.array([*np.repeat(SPEAKERS, share), *[""] * self.rows_synthetic])
        fits = [spread == np.float32(run.spread) for run in runs]
        real = [
            rows[fit & (owner != "") & (owner != run.held_out)] for fit, run in zip(fits, runs)
        ]
        self.real = self.table(real)
        self.other = self.table([rows[fit & (owner == "")] for fit in fits])

    def table(self, rows: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
        counts = torch.tensor([len(row) for row in rows], device=self.device)
        padded = np.stack([np.resize(row, max(map(len, rows))) for row in rows])
        return torch.from_numpy(padded).to(self.device), counts

    def voices(self) -> torch.Tensor:
        unit = torch.rand(self.rows_synthetic, generator=self.draw, device=self.device)
        return torch.cat([self.real_voices, self.others[(unit * len(self.others)).long()]])

    def choose(self, count: int) -> torch.Tensor:
        unit = torch.rand(2, len(self.synthetic), count, generator=self.draw, device=self.device)
        real, other = (
            rows.gather(1, (unit[0] * counts[:, None]).long())
            for rows, counts in (self.real, self.other)
        )
        return torch.where(unit[1] < self.synthetic[:, None], other, real)


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


def train(stack: Stack, runs: list[Run], bank, options, report) -> None:
    device = bank.samples.device
    maker = digit_strings.StringMaker(bank, options.seed)
    chooser = Chooser(bank, runs, options.pool, maker.draw)
    floor = torch.tensor([run.floor for run in runs], device=device)
    mask = torch.tensor([run.mask for run in runs], device=device)
    optimizer = stack.optimizer(options.rate, weight_decay=0.05)
    # Total steps: given, or as many as fit in the minutes at the speed of steps 30 to 90.
    total, begun, mark, pool = options.steps or 10**9, time.time(), 0.0, None
    step = 0
    while step < total:
        progress = step / total
        if step % 3 == 0:
            pool = maker.render(chooser.voices(), chooser.spread, progress)
        long = step % 6 == 5
        size = digit_strings.FRAMES if long else options.window
        chosen = chooser.choose(options.batch // 3 if long else options.batch)
        windows = digit_strings.cut_windows(pool, chosen, size, maker.draw, floor)
        windows.features = digit_strings.spec_augment(windows.features, maker.draw, mask)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            losses = loss_of(stack, windows)
        warm_up, decay = min(1.0, (step + 1) / 200), 0.5 + 0.5 * math.cos(math.pi * progress)
        stack.step(losses, optimizer, max(1e-6, options.rate * warm_up * decay))
        step += 1
        if step in (30, 90) and not options.steps:
            losses.sum().item()  # wait for the device
            if step == 30:
                mark = time.time()
            else:
                each = (time.time() - mark) / 60
                total = 90 + max(60, int((options.minutes * 60 - (time.time() - begun)) / each))
                report(f"{each * 1000:.0f} ms a step: {total} steps")
        if step % options.every == 0 or step == total:
            loss = losses.mean().item()
            report(f"step {step}/{total} {time.time() - begun:.0f}s loss {loss:.3f}")


def test_sets(fsdd: pathlib.Path, strings: int, other: pathlib.Path | None) -> dict[str, tuple]:
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
    if other is not None:  # voices of another collection: a look, never used to choose
        made = evaluate_digits.strings(evaluate_digits.read_clips(other), strings, 1)
        sets["other/strings"] = (made, evaluate_digits.log_mels_of(made))
    return sets


def level_config(run: Run) -> dict:
    return dict(frontend.LEVEL, floor=run.floor)


def evaluate(stack: Stack, runs: list[Run], sets: dict, device) -> list[dict]:
    @functools.lru_cache(maxsize=None)
    def prepared(name: str, floor: float, offline: bool):
        level = dict(frontend.LEVEL, floor=floor)
        return evaluate_digits.Prepared.of(sets[name][1], level, offline)

    def errors(encode, name: str, run: Run, offline: bool) -> float:
        heard = evaluate_digits.transcribe(prepared(name, run.floor, offline), encode)
        wrong, words = evaluate_digits.word_errors(sets[name][0], heard)
        return 100.0 * wrong / words

    rows = []
    for number, run in enumerate(runs):
        encoder = stack.shipped(CONFIG, number, device)
        encode = evaluate_digits.torch_encoder(encoder, device, rows=1024)
        row = {"name": run.name, **dataclasses.asdict(run)}
        for kind in ("singles", "strings"):
            name = f"{run.held_out or 'seen'}/{kind}"
            row[f"{kind}-streaming"] = errors(encode, name, run, False)
            row[f"{kind}-offline"] = errors(encode, name, run, True)
        for name in sets:
            if name.startswith("other/"):
                row[name] = errors(encode, name, run, False)
        rows.append(row)
    return rows


def summary(rows: list[dict]) -> str:
    keys = [f"{kind}-{mode}" for kind in ("singles", "strings") for mode in ("streaming", "offline")]
    lines = [f"{'percent digit errors':28}" + "".join(f"{key:>19}" for key in keys)]
    groups: dict[str, list[dict]] = {}
    for row in rows:
        other = "".join(f"  {key} {row[key]:.2f}" for key in row if key.startswith("other/"))
        lines.append(f"{row['name']:28}" + "".join(f"{row[key]:19.2f}" for key in keys) + other)
        groups.setdefault(f"{row['recipe']} {'left out' if row['held_out'] else 'seen'}", []).append(row)
    for group, members in groups.items():
        means = [np.mean([row[key] for row in members]) for key in keys]
        lines.append(f"MEAN {group:23}" + "".join(f"{mean:19.2f}" for mean in means))
    return "\n".join(lines)


def save(folder: pathlib.Path, stack: Stack, runs: list[Run], number: int) -> None:
    model.save_checkpoint(folder, CONFIG, stack.state(number))
    text = json.dumps(frontend.preprocessor_config(level_config(runs[number])), indent=2)
    (folder / "preprocessor_config.json").write_text(text + "\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fsdd", type=pathlib.Path, required=True)
    parser.add_argument("--voices", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--other", type=pathlib.Path, help="another folder to test on")
    parser.add_argument("--plan", choices=PLANS, default="final")
    parser.add_argument("--minutes", type=float, default=4.0)
    parser.add_argument("--steps", type=int, help="instead of --minutes")
    parser.add_argument("--batch", type=int, default=64, help="windows a model and step")
    parser.add_argument("--pool", type=int, default=1024, help="strings rendered every third step")
    parser.add_argument("--window", type=int, default=256, help="frames")
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--every", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--test-strings", type=int, default=100)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    log = (options.out / "train_digits.log").open("w")

    def report(line: str) -> None:
        print(line, flush=True)
        print(line, file=log, flush=True)

    with concurrent.futures.ProcessPoolExecutor(1) as pool:
        sets = pool.submit(test_sets, options.fsdd, options.test_strings, options.other)
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        bank = load_bank(options.fsdd, options.voices, device)
        report(f"{len(bank.length)} clips, {len(bank.voice_names)} voices")
        runs = PLANS[options.plan]
        stack = Stack(CONFIG, [run.seed for run in runs], device)
        size = sum(value[0].numel() for value in stack.parameters.values())
        report(f"{len(runs)} models of {size / 1e6:.2f} M parameters")
        train(stack, runs, bank, options, report)
        begun = time.time()
        rows = evaluate(stack, runs, sets.result(), device)
    (options.out / "results.json").write_text(json.dumps(rows, indent=1))
    report(summary(rows))
    report(f"evaluated in {time.time() - begun:.0f}s")
    for number, run in enumerate(runs):
        if run.held_out is None or run.seed == 0:
            save(options.out / "models" / run.name, stack, runs, number)


if __name__ == "__main__":
    main()
