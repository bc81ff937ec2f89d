"""Trains `langid` or `spam`, one model a seed, side by side.

    python train_text.py langid --data DIR --out DIR [--steps N]    DIR as text_data.py writes it

Byte level, sigmoid attention. Texts are cut to random prefixes (langid) or pieces (spam).
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import pathlib
import time

import numpy as np
import torch

import model
import text_data
from stack import Stack

SEEDS = [0, 1, 2]


def config_of(task: str, labels: list[str]) -> dict:
    """One shape for both tasks; spam is smaller, as its training set is."""
    width, layers = (128, 3) if task == "langid" else (96, 2)
    kernel = {"kernel": 5, "stride": 1, "channels": width, "activation": "relu"}
    return {
        "model_type": "flink-sigmoid",
        "task": "text-classification" if task == "langid" else "score",
        "hidden_size": width,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "intermediate_size": 4 * width,
        "hidden_act": "relu",
        "layer_norm_eps": 1e-5,
        "max_position_embeddings": 320,
        "vocab_size": 256,
        "id2label": {str(i): label for i, label in enumerate(labels)},
        "attention": {"type": "sigmoid", "bias": "-log_n", "qk_norm": True},
        "position": {"type": "rope", "rope_theta": 10000.0},
        "norm": "pre",
        "layer_scale": 0.2,
        "frontend": {"input_size": width, "layers": [kernel]},
        "pooling": "mean",
        "tokenizer": "byte",
        "dropout": 0.1 if task == "langid" else 0.3,
    }


@dataclasses.dataclass
class Corpus:
    """Texts as bytes, rows padded, with where each character ends."""

    bytes: torch.Tensor  # [texts, longest]
    ends: torch.Tensor  # [texts, characters + 1]: bytes of the first so many characters
    characters: torch.Tensor  # [texts]
    labels: torch.Tensor

    @staticmethod
    def of(rows: list[tuple[str, str]], labels: list[str], device) -> "Corpus":
        most = max(len(text) for _, text in rows)
        encoded = [text.encode("utf-8") for _, text in rows]
        ids = np.zeros((len(rows), max(map(len, encoded))), dtype=np.uint8)
        ends = np.zeros((len(rows), most + 1), dtype=np.int32)
        for number, ((_, text), raw) in enumerate(zip(rows, encoded)):
            ids[number, : len(raw)] = np.frombuffer(raw, dtype=np.uint8)
            widths = [len(character.encode("utf-8")) for character in text]
            ends[number, 1 : len(text) + 1] = np.cumsum(widths)
            ends[number, len(text) + 1 :] = len(raw)
        return Corpus(
            torch.from_numpy(ids).to(device),
            torch.from_numpy(ends).to(device),
            torch.tensor([len(text) for _, text in rows], device=device),
            torch.tensor([labels.index(label) for label, _ in rows], device=device),
        )

    def piece(self, rows, first, count, longest: int):
        """Characters [first, first + count) of each row, `longest` bytes at most."""
        limit = self.ends.shape[1] - 1
        start = self.ends[rows, first.clamp(max=limit)]
        end = self.ends[rows, (first + count).clamp(max=limit)]
        lengths = (end - start).clamp(min=1, max=longest)
        index = start[..., None] + torch.arange(longest, device=rows.device)
        index = index.clamp(max=self.bytes.shape[1] - 1).long()
        return self.bytes[rows[..., None], index].long(), lengths


class Batches:
    """Random training batches, [models, batch, bytes]."""

    def __init__(self, task: str, corpus: Corpus, models: int, seed: int):
        self.task, self.corpus, self.models = task, corpus, models
        self.device = corpus.bytes.device
        self.draw = torch.Generator(device=self.device).manual_seed(seed)
        classes = int(corpus.labels.max()) + 1
        members = [torch.nonzero(corpus.labels == label)[:, 0] for label in range(classes)]
        self.sizes = torch.tensor([len(m) for m in members], device=self.device)
        shape = (classes, int(self.sizes.max()))
        self.rows = torch.zeros(shape, dtype=torch.long, device=self.device)
        for label, member in enumerate(members):
            self.rows[label, : len(member)] = member

    def uniform(self, *shape: int) -> torch.Tensor:
        return torch.rand(shape, generator=self.draw, device=self.device)

    def next(self, count: int, longest: int):
        shape = (self.models, count)
        label = (self.uniform(*shape) * len(self.sizes)).long()  # classes alike often
        rows = self.rows[label, (self.uniform(*shape) * self.sizes[label]).long()]
        characters = self.corpus.characters[rows]
        if self.task == "langid":
            # Prefixes of 6 to 128 characters, short ones more often, some from a later start.
            size = (6.0 * (128.0 / 6.0) ** self.uniform(*shape)).long()
            later = (self.uniform(*shape) < 0.25) * self.uniform(*shape)
        else:
            size = (24.0 * (256.0 / 24.0) ** self.uniform(*shape).sqrt()).long()
            later = (self.uniform(*shape) < 0.5) * self.uniform(*shape)
        first = (later * (characters - size).clamp(min=0)).long()
        ids, lengths = self.corpus.piece(rows, first, size, longest)
        if self.task == "spam":
            ids = self.disturbed(ids)
        return ids, lengths, self.corpus.labels[rows]

    def disturbed(self, ids: torch.Tensor) -> torch.Tensor:
        """Some texts lose bytes to spaces, or their case."""
        shape = ids.shape
        share = 0.15 * self.uniform(*shape[:2], 1) * (self.uniform(*shape[:2], 1) < 0.5)
        ids = torch.where(self.uniform(*shape) < share, 32, ids)
        upper = (ids >= 65) & (ids <= 90)
        lower = self.uniform(*shape[:2], 1) < 0.2
        return torch.where(upper & lower, ids + 32, ids)


def loss_of(task: str, output: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """[models]"""
    if task == "langid":
        return -output.gather(2, labels[..., None])[..., 0].mean(1)
    signs = labels.float() * 2.0 - 1.0
    return -torch.nn.functional.logsigmoid(signs * output.float()).mean(1)


def train(task: str, stack: Stack, batches: Batches, options) -> None:
    optimizer = stack.optimizer(options.rate, options.weight_decay)
    begun = time.time()
    device = batches.device.type
    for step in range(options.steps):
        longest = 320 if step % 4 == 3 or task == "spam" else 96
        ids, lengths, labels = batches.next(options.batch, longest)
        with torch.autocast(device, dtype=torch.bfloat16, enabled=device == "cuda"):
            losses = loss_of(task, stack(ids, lengths), labels)
        decay = 0.5 + 0.5 * math.cos(math.pi * step / options.steps)
        losses.sum().backward()
        stack.step(optimizer, max(1e-6, options.rate * min(1.0, (step + 1) / 200) * decay))
        if (step + 1) % options.every == 0:
            loss = losses.mean().item()
            print(f"step {step + 1}/{options.steps} {time.time() - begun:.0f}s loss {loss:.3f}")


def scores_of(encoder, corpus: Corpus, prefix: int) -> np.ndarray:
    """The encoder's output for the first `prefix` characters of every text."""
    outputs = []
    for rows in torch.arange(len(corpus.labels), device=corpus.labels.device).split(512):
        first = torch.zeros_like(rows)
        ids, lengths = corpus.piece(rows, first, first + prefix, 320)
        with torch.no_grad():
            outputs.append(encoder(ids, lengths).float().cpu())
    return torch.cat(outputs).numpy()


def evaluate(task: str, encoder, corpus: Corpus) -> dict[str, float]:
    truth = corpus.labels.cpu().numpy()
    if task == "langid":
        return {
            f"accuracy at {prefix}": float(
                (scores_of(encoder, corpus, prefix).argmax(1) == truth).mean()
            )
            for prefix in (12, 20, 40, 100)
        }
    scores = scores_of(encoder, corpus, 256)
    accuracy = float(((scores > 0) == (truth == 1)).mean())
    return {"AUC": text_data.auc(scores, truth == 1), "accuracy": accuracy}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", choices=["langid", "spam"])
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1.5e-3)
    parser.add_argument("--weight-decay", type=float, default=0.05)
    parser.add_argument("--every", type=int, default=200)
    parser.add_argument("--seeds", type=int, nargs="+", default=SEEDS)
    options = parser.parse_args()
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    rows = text_data.read(options.data / f"{options.task}-train.tsv")
    labels = sorted({label for label, _ in rows})
    config = config_of(options.task, labels if options.task == "langid" else ["spam"])
    corpus = Corpus.of(rows, labels, device)
    test = Corpus.of(text_data.read(options.data / f"{options.task}-test.tsv"), labels, device)
    stack = Stack(config, options.seeds, device)
    size = sum(value[0].numel() for value in stack.parameters.values())
    print(f"{len(rows)} texts, {len(options.seeds)} models of {size / 1e6:.2f} M parameters")
    train(options.task, stack, Batches(options.task, corpus, len(options.seeds), 1), options)
    results = []
    for number, seed in enumerate(options.seeds):
        encoder = stack.shipped(config, number, device)
        results.append({"seed": seed, **evaluate(options.task, encoder, test)})
        print(json.dumps(results[-1]), flush=True)
        model.save_checkpoint(options.out / f"{options.task}-{seed}", config, stack.state(number))
    (options.out / f"{options.task}.json").write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
