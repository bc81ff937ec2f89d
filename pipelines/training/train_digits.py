"""Trains `digits-ctc`: many models side by side on one GPU, each with its own seed and voices.

    python train_digits.py --fsdd DIR --voices voices.npz --out DIR --plan final [--minutes 4]

Models share one pool of rendered strings a step; a model draws only from strings of the voices
that it may hear. Prints and writes the digit word error rate, streaming and offline, of each.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import copy
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
import streaming

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
    framewise: float = 0.5  # weight of the labels of single steps beside CTC
    synthetic: float = 0.5  # share of strings of synthetic voices
    mask: float = 1.0  # strength of SpecAugment
    floor: float = frontend.LEVEL["floor"]
    tilt: bool = False  # features relative to the usual spectrum of speech
    channel: bool | None = None  # strong, little or (None) both kinds of augmentation
    speaker: bool | None = None

    @property
    def name(self) -> str:
        return f"{self.recipe}-{self.held_out or 'all'}-{self.seed}"


def left_out(recipe: str, seeds: int, **options) -> list[Run]:
    return [Run(recipe, s, held_out=name, **options) for name in SPEAKERS for s in range(seeds)]


def factorial() -> list[Run]:
    """Six choices in eight recipes (a fraction of 2^6), each with every speaker left out."""
    runs = []
    for number in range(8):
        a, b, c = (bool(number >> bit & 1) for bit in range(3))
        options = {
            "floor": -9.67 if a else -6.907755,
            "channel": b,
            "speaker": c,
            "mask": 1.0 if a ^ b else 0.3,
            "tilt": a ^ c,
            "framewise": 1.0 if b ^ c else 0.0,
        }
        runs += left_out(f"factorial{number}", 1, **options)
    return runs


PLANS = {
    "tiny": [Run("tiny", 0), Run("tiny", 0, held_out="lucas", tilt=True, channel=False)],
    "factorial": factorial(),
    "final": [
        *(Run("final", seed) for seed in range(3)),
        *left_out("final", 3),
    ],
}


class Stack:
    """Models of one shape, their parameters stacked along a first dimension."""

    def __init__(self, config: dict, runs: list[Run], device):
        self.runs = runs
        members = []
        for run in runs:
            torch.manual_seed(run.seed)
            members.append(model.Encoder(config))
        self.skeleton = copy.deepcopy(members[0]).to(device)
        self.parameters = {
            name: torch.stack([dict(m.named_parameters())[name].detach() for m in members])
            .to(device)
            .requires_grad_()
            for name, _ in members[0].named_parameters()
        }
        self.average = {name: value.detach().clone() for name, value in self.parameters.items()}

    def __call__(self, features: torch.Tensor, lengths: torch.Tensor):
        def single(parameters, features, lengths):
            return torch.func.functional_call(self.skeleton, parameters, (features, lengths))

        mapped = torch.func.vmap(single, randomness="different")
        return mapped(self.parameters, features, lengths)

    def clip_gradients(self, limit: float) -> None:
        """To a norm of `limit`, each model for itself."""
        gradients = [value.grad for value in self.parameters.values()]
        norm = sum(gradient.flatten(1).square().sum(1) for gradient in gradients).sqrt()
        factor = (limit / (norm + 1e-6)).clamp(max=1.0)
        for gradient in gradients:
            gradient.mul_(factor.view(-1, *[1] * (gradient.dim() - 1)))

    def update_average(self, decay: float) -> None:
        average = list(self.average.values())
        current = [value.detach() for value in self.parameters.values()]
        torch._foreach_lerp_(average, current, 1.0 - decay)

    def state(self, number: int) -> dict:
        return {name: value[number].clone() for name, value in self.average.items()}


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
        real = share * len(SPEAKERS)
        self.rows_synthetic = size - real
        speaker_id = torch.tensor([bank.voice_names.index(name) for name in SPEAKERS])
        self.real_voices = speaker_id.repeat_interleave(share).to(self.device)
        others = [i for i, name in enumerate(bank.voice_names) if name not in SPEAKERS]
        self.others = torch.tensor(others, device=self.device)
        rows = np.arange(size)
        channel, speaker = rows % 2 == 1, rows // 2 % 2 == 1
        self.strong_channel = torch.from_numpy(channel).to(self.device)
        self.strong_speaker = torch.from_numpy(speaker).to(self.device)

        def allowed(run: Run, kind: np.ndarray) -> np.ndarray:
            fits = kind & (run.channel is None or channel == run.channel)
            return rows[fits & (run.speaker is None or speaker == run.speaker)]

        owner = np.array([*np.repeat(SPEAKERS, share), *[""] * self.rows_synthetic])
        self.real = self.table([allowed(run, (owner != "") & (owner != run.held_out)) for run in runs])
        self.other = self.table([allowed(run, owner == "") for run in runs])

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
            rows.gather(1, (unit[0] * counts[:, None]).long()) for rows, counts in (self.real, self.other)
        )
        return torch.where(unit[1] < self.synthetic[:, None], other, real)


def loss_of(stack: Stack, windows: digit_strings.Windows, framewise: torch.Tensor):
    """[models]: CTC a word, plus the cross-entropy of the steps' own labels."""
    scores, steps = stack(windows.features, windows.lengths)
    models, count, size, classes = scores.shape
    ctc = F.ctc_loss(
        scores.reshape(models * count, size, classes).transpose(0, 1),
        windows.targets.reshape(models * count, -1),
        steps.reshape(-1),
        windows.target_lengths.reshape(-1),
        reduction="none",
        zero_infinity=True,
    ).view(models, count)
    inside = model.valid_rows(steps.reshape(-1), size).view(models, count, size)
    labels = windows.step_labels[..., :size]
    picked = scores.gather(3, labels[..., None])[..., 0] * inside
    cross_entropy = -picked.sum((1, 2)) / inside.sum((1, 2))
    return ctc.mean(1) / 5.0 + framewise * cross_entropy


def train(stack: Stack, bank, options, report) -> int:
    device = bank.samples.device
    runs = stack.runs
    maker = digit_strings.StringMaker(bank, options.seed)
    chooser = Chooser(bank, runs, options.pool, maker.draw)
    spectrum = usual_spectrum(maker, chooser)
    stack.spectrum = [round(value, 4) for value in spectrum.tolist()]
    tilts = [stack.spectrum if run.tilt else [0.0] * frontend.N_MELS for run in runs]
    levels_of = digit_strings.Levels(
        torch.tensor(tilts, device=device),
        torch.tensor([run.floor for run in runs], device=device),
    )
    framewise = torch.tensor([run.framewise for run in runs], device=device)
    mask = torch.tensor([run.mask for run in runs], device=device)
    matrices = [value for value in stack.parameters.values() if value.dim() > 2]
    vectors = [value for value in stack.parameters.values() if value.dim() <= 2]
    groups = [
        {"params": matrices, "weight_decay": 0.05},
        {"params": vectors, "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.98), fused=device.type == "cuda")
    # Total steps: given, or as many as fit in the minutes at the speed of steps 20 to 60.
    total, begun, step, pool = options.steps or 10**9, time.time(), 0, None
    marks = {}
    while step < total:
        progress = step / total if options.steps or step > 60 else 0.0
        if step % 2 == 0:
            kinds = chooser.strong_channel, chooser.strong_speaker
            pool = maker.render(chooser.voices(), *kinds, progress)
        long = step % 6 == 5
        size = digit_strings.FRAMES if long else options.window
        chosen = chooser.choose(options.batch // 3 if long else options.batch)
        windows = digit_strings.cut_windows(pool, chosen, size, maker.draw, levels_of)
        windows.features = digit_strings.spec_augment(windows.features, maker.draw, mask)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=device.type == "cuda"):
            losses = loss_of(stack, windows, framewise)
        losses.sum().backward()
        stack.clip_gradients(1.0)
        rate = options.rate * min(1.0, (step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * progress))
        for group in optimizer.param_groups:
            group["lr"] = max(rate, 1e-6)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        stack.update_average(min(0.998, (1 + step) / (10 + step)))
        step += 1
        if step in (20, 60):
            losses.sum().item()
            marks[step] = time.time()
        if step == 60 and not options.steps:
            each = (marks[60] - marks[20]) / 40
            left = options.minutes * 60 - (time.time() - begun)
            total = 60 + max(60, int(left / each))
            report(f"{each * 1000:.0f} ms a step: {total} steps")
        if step % options.every == 0 or step == total:
            values = losses.detach().cpu().numpy()
            report(f"step {step}/{total} {time.time() - begun:.0f}s loss {values.mean():.3f}")
    return total


def usual_spectrum(maker, chooser) -> torch.Tensor:
    """How the mean spectrum of active frames lies about its own mean, over synthetic voices."""
    voices = chooser.voices()[-chooser.rows_synthetic :][:256]
    pool = maker.render_plain(voices)
    known = torch.arange(digit_strings.FRAMES, device=maker.device) < pool.frames[:, None]
    mean = digit_strings.mel_means(pool.log_mels, known)
    return (mean - mean.mean(1, keepdim=True)).mean(0)


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


def level_config(run: Run, spectrum: list[float]) -> dict:
    return dict(frontend.LEVEL, floor=run.floor, mel_tilt=spectrum if run.tilt else None)


def evaluate(config: dict, stack: Stack, sets: dict, device) -> list[dict]:
    @functools.lru_cache(maxsize=None)
    def prepared(name: str, floor: float, tilt: bool, offline: bool):
        level = level_config(Run("", 0, floor=floor, tilt=tilt), stack.spectrum)
        return evaluate_digits.Prepared.of(sets[name][1], level, offline)

    def errors(encode, name: str, run: Run, offline: bool) -> float:
        windows = prepared(name, run.floor, run.tilt, offline)
        heard = evaluate_digits.transcribe(windows, encode)
        wrong, words = evaluate_digits.word_errors(sets[name][0], heard)
        return 100.0 * wrong / words

    rows = []
    for number, run in enumerate(stack.runs):
        encoder = model.Encoder(config).to(device).eval()
        # Weights as they are shipped, in half precision.
        encoder.load_state_dict({k: v.half().float() for k, v in stack.state(number).items()})
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


def save(folder: pathlib.Path, config: dict, stack: Stack, number: int) -> None:
    model.save_checkpoint(folder, config, stack.state(number))
    level = level_config(stack.runs[number], stack.spectrum)
    text = json.dumps(frontend.preprocessor_config(level), indent=2)
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
    parser.add_argument("--pool", type=int, default=1024, help="strings rendered every other step")
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
        stack = Stack(CONFIG, PLANS[options.plan], device)
        size = sum(value[0].numel() for value in stack.parameters.values())
        report(f"{len(stack.runs)} models of {size / 1e6:.2f} M parameters")
        train(stack, bank, options, report)
        begun = time.time()
        rows = evaluate(CONFIG, stack, sets.result(), device)
    (options.out / "results.json").write_text(json.dumps(rows, indent=1))
    report(summary(rows))
    report(f"evaluated in {time.time() - begun:.0f}s")
    for number, run in enumerate(stack.runs):
        if run.held_out is None or run.seed == 0:
            save(options.out / "models" / run.name, CONFIG, stack, number)


if __name__ == "__main__":
    main()
