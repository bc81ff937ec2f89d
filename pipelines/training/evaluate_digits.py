"""Digit word error rate of a checkpoint, as `flink-sigmoid evaluate asr` counts it.

    python evaluate_digits.py --model ../models/digits-ctc --data fsdd --indices 0-4 [--offline]
        [--speakers a,b] [--strings N --seed S] [--transcripts out.tsv]

Strings are built by the same rule as in Java (java.util.Random), so both sides read the same
audio. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import pathlib
import wave
from typing import Callable

import numpy as np

import frontend
import streaming


class JavaRandom:
    """java.util.Random's linear congruential generator."""

    def __init__(self, seed: int):
        self.state = (seed ^ 0x5DEECE66D) & ((1 << 48) - 1)

    def next_31_bits(self) -> int:
        self.state = (self.state * 0x5DEECE66D + 0xB) & ((1 << 48) - 1)
        return self.state >> 17

    def next_int(self, bound: int) -> int:
        value = self.next_31_bits()
        if bound & (bound - 1) == 0:
            return (bound * value) >> 31
        while value - value % bound + bound - 1 >= 1 << 31:
            value = self.next_31_bits()
        return value % bound


@dataclasses.dataclass(frozen=True)
class Clip:
    digit: int
    speaker: str
    index: int
    samples: np.ndarray


@dataclasses.dataclass(frozen=True)
class Utterance:
    name: str
    samples: np.ndarray
    words: tuple[int, ...]


def read_wave(path: pathlib.Path) -> np.ndarray:
    with wave.open(str(path)) as file:
        if (file.getnchannels(), file.getsampwidth(), file.getframerate()) != (1, 2, 8000):
            raise ValueError(f"{path}: expected 8 kHz, 16 bit, mono")
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def read_clips(folder: pathlib.Path) -> list[Clip]:
    """Files {digit}_{speaker}_{index}.wav, sorted by speaker, digit and index."""
    clips = []
    for path in pathlib.Path(folder).glob("[0-9]_*_*.wav"):
        digit, speaker, index = path.stem.split("_")
        clips.append(Clip(int(digit), speaker, int(index), read_wave(path)))
    return sorted(clips, key=lambda clip: (clip.speaker, clip.digit, clip.index))


def singles(clips: list[Clip]) -> list[Utterance]:
    return [Utterance(f"{c.digit}_{c.speaker}_{c.index}", c.samples, (c.digit,)) for c in clips]


def strings(clips: list[Clip], count: int, seed: int) -> list[Utterance]:
    """`count` strings of 3 to 7 digits, each of one speaker, gaps of 50 to 400 ms of zeros.

    A speaker's clips are shuffled and dealt like cards, so all are used before any comes again.
    """
    random = JavaRandom(seed)
    speakers = sorted({clip.speaker for clip in clips})
    decks = {name: [clip for clip in clips if clip.speaker == name] for name in speakers}

    def shuffle(deck: list[Clip]) -> None:
        for i in range(len(deck) - 1, 0, -1):
            j = random.next_int(i + 1)
            deck[i], deck[j] = deck[j], deck[i]

    def gap() -> np.ndarray:
        return np.zeros(400 + random.next_int(2801), dtype=np.int16)

    for name in speakers:
        shuffle(decks[name])
    position = dict.fromkeys(speakers, 0)
    made = []
    for number in range(count):
        name = speakers[number % len(speakers)]
        deck = decks[name]
        size = 3 + random.next_int(5)
        parts, words = [gap()], []
        for _ in range(size):
            if position[name] == len(deck):
                shuffle(deck)
                position[name] = 0
            clip = deck[position[name]]
            position[name] += 1
            parts += [clip.samples, gap()]
            words.append(clip.digit)
        made.append(Utterance(f"string-{number}-{name}", np.concatenate(parts), tuple(words)))
    return made


def edit_distance(reference: tuple, hypothesis: tuple) -> int:
    row = list(range(len(hypothesis) + 1))
    for i, expected in enumerate(reference, 1):
        diagonal, row[0] = row[0], i
        for j, found in enumerate(hypothesis, 1):
            best = min(row[j] + 1, row[j - 1] + 1, diagonal + (expected != found))
            diagonal, row[j] = row[j], best
    return row[-1]


def log_mels_of(utterances: list[Utterance]) -> list[np.ndarray]:
    return [frontend.log_mel(frontend.padded(u.samples / 32768.0)) for u in utterances]


# From features of several windows to their log-probabilities [steps, classes].
Encode = Callable[[list[np.ndarray]], list[np.ndarray]]


@dataclasses.dataclass(frozen=True)
class Prepared:
    """The windows of many streams, or whole streams, as the encoder reads them."""

    features: list[np.ndarray]
    cut: list[list[streaming.Window]]  # of each stream

    @staticmethod
    def of(log_mels: list[np.ndarray], level: dict, offline: bool) -> "Prepared":
        if offline:
            whole = [frontend.normalise(x, frontend.level(x, level), level) for x in log_mels]
            return Prepared(whole, [[streaming.Window(0, len(x), True)] for x in log_mels])
        cut = [list(streaming.windows(len(x))) for x in log_mels]
        features = [
            streaming.window_features(x, window, level)
            for x, windows in zip(log_mels, cut)
            for window in windows
        ]
        return Prepared(features, cut)


def transcribe(prepared: Prepared, encode: Encode) -> list[tuple[int, ...]]:
    """The digits heard in each stream."""
    outputs = iter(encode(prepared.features))
    return [
        digits_of(streaming.stitch(windows, [next(outputs) for _ in windows]))
        for windows in prepared.cut
    ]


def digits_of(scores: np.ndarray) -> tuple[int, ...]:
    labels = scores.argmax(axis=1)
    kept = (labels != 0) & (np.diff(labels, prepend=0) != 0)
    return tuple(int(label) - 1 for label in labels[kept])


def torch_encoder(model, device="cpu", rows: int = 256) -> Encode:
    """Windows sorted by length and padded in batches."""
    import torch

    def encode(features: list[np.ndarray]) -> list[np.ndarray]:
        outputs: list[np.ndarray] = [np.zeros((0, 0))] * len(features)
        order = sorted(range(len(features)), key=lambda i: len(features[i]))
        for begin in range(0, len(order), rows):
            batch = order[begin : begin + rows]
            lengths = torch.tensor([len(features[i]) for i in batch])
            padded = torch.zeros(len(batch), int(lengths.max()), frontend.N_MELS)
            for row, i in enumerate(batch):
                padded[row, : lengths[row]] = torch.from_numpy(features[i])
            with torch.no_grad():
                scores, steps = model(padded.to(device), lengths.to(device))
            for i, row, count in zip(batch, scores.float().cpu().numpy(), steps.tolist()):
                outputs[i] = row[:count]
        return outputs

    return encode


def word_errors(utterances: list[Utterance], heard: list[tuple[int, ...]]) -> tuple[int, int]:
    errors = sum(edit_distance(u.words, digits) for u, digits in zip(utterances, heard))
    return errors, sum(len(u.words) for u in utterances)


def parse_range(text: str) -> set[int]:
    first, _, last = text.partition("-")
    return set(range(int(first), int(last or first) + 1))


def main() -> None:
    import model

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--speakers")
    parser.add_argument("--indices", type=parse_range)
    parser.add_argument("--strings", type=int)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--offline", action="store_true")
    parser.add_argument("--transcripts", type=pathlib.Path)
    options = parser.parse_args()
    clips = read_clips(options.data)
    if options.speakers:
        clips = [clip for clip in clips if clip.speaker in options.speakers.split(",")]
    if options.indices:
        clips = [clip for clip in clips if clip.index in options.indices]
    if options.strings:
        utterances = strings(clips, options.strings, options.seed)
    else:
        utterances = singles(clips)
    preprocessor = json.loads((options.model / "preprocessor_config.json").read_text())
    log_mels = log_mels_of(utterances)
    encode = torch_encoder(model.load_checkpoint(options.model))
    heard = transcribe(Prepared.of(log_mels, preprocessor["level"], options.offline), encode)
    if options.transcripts:
        lines = [
            f"{u.name}\t{' '.join(map(str, u.words))}\t{' '.join(map(str, digits))}\n"
            for u, digits in zip(utterances, heard)
        ]
        options.transcripts.write_text("".join(lines))
    errors, words = word_errors(utterances, heard)
    result = {
        "wer": errors / max(1, words),
        "errors": errors,
        "words": words,
        "streams": len(utterances),
        "mode": "offline" if options.offline else "streaming",
        "backend": "pytorch",
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
