"""How a stream of frames is cut into windows, and their log-probabilities stitched into text.

The executable specification of the streaming recogniser: the transcript depends on the frames
alone, never on how the audio was cut into chunks. Nothing here knows the model; `encode` is any
function from normalised features [frames, mels] to log-probabilities [steps, classes].
"""

from __future__ import annotations

import dataclasses
from typing import Callable, Iterator

import numpy as np

import frontend

SUBSAMPLING = 4  # frames a step: two convolutions of stride 2


@dataclasses.dataclass(frozen=True)
class StreamingConfig:
    window_frames: int = 256
    hop_frames: int = 64
    edge_steps: int = 32  # a step this far from a cut edge has full weight
    endpoint_steps: int = 20  # so many settled blanks after a word end the utterance

    @property
    def hop_steps(self) -> int:
        return self.hop_frames // SUBSAMPLING

    @property
    def window_steps(self) -> int:
        return self.window_frames // SUBSAMPLING


@dataclasses.dataclass(frozen=True)
class Window:
    """Frames [start, end) of the stream; `last` when the stream ends at `end`."""

    start: int
    end: int
    last: bool


@dataclasses.dataclass(frozen=True)
class Token:
    label: int
    start_step: int
    end_step: int


@dataclasses.dataclass(frozen=True)
class Result:
    tokens: tuple[Token, ...]
    final: bool


def steps_of(frames: int) -> int:
    return -(-frames // SUBSAMPLING)


def windows(frames: int, config: StreamingConfig = StreamingConfig()) -> Iterator[Window]:
    """Every window of a stream that ends after `frames` frames, in order."""
    for end in range(config.hop_frames, frames + 1, config.hop_frames):
        yield Window(max(0, end - config.window_frames), end, False)
    if frames > 0:
        start = max(0, frames - config.window_frames)
        yield Window(steps_of(start) * SUBSAMPLING, frames, True)


def window_features(
    log_mels: np.ndarray, window: Window, level_config: dict = frontend.LEVEL
) -> np.ndarray:
    """The window's features: its level is that of the last `history_frames` up to its end."""
    history = log_mels[max(0, window.end - level_config["history_frames"]) : window.end]
    level = frontend.level(history, level_config)
    return frontend.normalise(log_mels[window.start : window.end], level, level_config)


def weights(window: Window, config: StreamingConfig = StreamingConfig()) -> np.ndarray:
    """Weight of each step: 1 in the middle, falling to 0 at an edge that cuts the stream."""
    steps = steps_of(window.end - window.start)
    position = np.arange(steps)
    distance = np.full(steps, float(config.edge_steps))
    if window.start > 0:
        distance = np.minimum(distance, position + 0.5)
    if not window.last:
        distance = np.minimum(distance, steps - position - 0.5)
    return (distance / config.edge_steps).astype(np.float32)


def stitch(
    cut: list[Window], log_probs: list[np.ndarray], config: StreamingConfig = StreamingConfig()
) -> np.ndarray:
    """The stitched scores of a whole stream at once: what `StreamingDecoder` decodes."""
    if not cut:
        return np.zeros((0, 1), dtype=np.float32)
    sums = np.zeros((steps_of(cut[-1].end), log_probs[0].shape[1]), dtype=np.float32)
    settled = 0
    for window, scores in zip(cut, log_probs):
        first = window.start // SUBSAMPLING
        skipped = max(0, settled - first)
        weighted = weights(window, config)[:, None] * scores
        sums[first + skipped : first + len(weighted)] += weighted[skipped:]
        settled = max(settled, settled_after(window, config))
    return sums


def settled_after(window: Window, config: StreamingConfig) -> int:
    """The steps below this one belong to no later window."""
    if window.last:
        return steps_of(window.end)
    return max(0, window.end + config.hop_frames - config.window_frames) // SUBSAMPLING


class GreedyTokens:
    """CTC greedy decoding, one step at a time: repeats merge, blanks separate."""

    def __init__(self, blank: int = 0):
        self.blank = blank
        self.previous = blank
        self.tokens: list[Token] = []
        self.blanks_since_token = 0

    def copy(self) -> "GreedyTokens":
        other = GreedyTokens(self.blank)
        other.previous, other.tokens = self.previous, list(self.tokens)
        other.blanks_since_token = self.blanks_since_token
        return other

    def accept(self, step: int, scores: np.ndarray) -> None:
        label = int(np.argmax(scores))  # of equals, the lowest label
        if label == self.blank:
            self.blanks_since_token += 1
        else:
            self.blanks_since_token = 0
            if label == self.previous:
                last = self.tokens[-1]
                self.tokens[-1] = Token(last.label, last.start_step, step + 1)
            else:
                self.tokens.append(Token(label, step, step + 1))
        self.previous = label


class StreamingDecoder:
    """Stitches the log-probabilities of successive windows and decodes the settled steps."""

    def __init__(self, classes: int, config: StreamingConfig = StreamingConfig()):
        self.config = config
        self.settled = 0  # steps below this one are decoded for good
        self.sums = np.zeros((0, classes), dtype=np.float32)  # row r is step settled + r
        self.totals = np.zeros(0, dtype=np.float32)
        self.greedy = GreedyTokens()

    def accept(self, window: Window, log_probs: np.ndarray) -> list[Result]:
        """The results that this window brings: finals, then at most one partial."""
        self._add(window, log_probs)
        settle_to = max(self.settled, settled_after(window, self.config))
        results = self._settle(settle_to)
        if window.last:
            results.append(Result(tuple(self.greedy.tokens), True))
            self.greedy.tokens = []
        else:
            ahead = self.greedy.copy()
            for row in range(len(self.totals)):
                ahead.accept(self.settled + row, self.sums[row])
            if ahead.tokens:
                results.append(Result(tuple(ahead.tokens), False))
        return results

    def _add(self, window: Window, log_probs: np.ndarray) -> None:
        missing = steps_of(window.end) - self.settled - len(self.totals)
        if missing > 0:
            self.sums = np.pad(self.sums, ((0, missing), (0, 0)))
            self.totals = np.pad(self.totals, (0, missing))
        weight = weights(window, self.config)
        first = window.start // SUBSAMPLING
        for position in range(len(weight)):
            row = first + position - self.settled
            if row >= 0:
                self.sums[row] += weight[position] * log_probs[position]
                self.totals[row] += weight[position]

    def _settle(self, settle_to: int) -> list[Result]:
        results = []
        count = settle_to - self.settled
        for row in range(count):
            self.greedy.accept(self.settled + row, self.sums[row])
            ended = self.greedy.blanks_since_token >= self.config.endpoint_steps
            if self.greedy.tokens and ended:
                results.append(Result(tuple(self.greedy.tokens), True))
                self.greedy.tokens = []
        self.sums, self.totals = self.sums[count:], self.totals[count:]
        self.settled = settle_to
        return results


def transcribe_stream(
    log_mels: np.ndarray,
    encode: Callable[[np.ndarray], np.ndarray],
    classes: int,
    level_config: dict = frontend.LEVEL,
    config: StreamingConfig = StreamingConfig(),
) -> list[Result]:
    decoder = StreamingDecoder(classes, config)
    results = []
    for window in windows(len(log_mels), config):
        features = window_features(log_mels, window, level_config)
        results += decoder.accept(window, encode(features))
    return results


def transcribe_offline(
    log_mels: np.ndarray,
    encode: Callable[[np.ndarray], np.ndarray],
    level_config: dict = frontend.LEVEL,
) -> tuple[Token, ...]:
    """The whole utterance in one pass, its level taken over all of its frames."""
    if len(log_mels) == 0:
        return ()
    level = frontend.level(log_mels, level_config)
    greedy = GreedyTokens()
    for step, scores in enumerate(encode(frontend.normalise(log_mels, level, level_config))):
        greedy.accept(step, scores)
    return tuple(greedy.tokens)
