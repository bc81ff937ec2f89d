"""Endless augmented digit strings on the GPU, and the windows of them that a stream would show.

A pool of strings is rendered at once: clips of one voice, gaps, pitch, formants, tempo, room,
channel and noise drawn per string. Every model then draws its own windows from the strings of the
voices it may hear.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch

import frontend
import streaming

FRAMES = 512  # of a string
SLOTS = 16  # digits of a string, at most
TEMPO = (0.72, 1.35)  # frame step over 80 samples: slower .. faster speech
SAMPLES = frontend.FRAME_LENGTH + math.ceil((FRAMES - 1) * frontend.HOP_LENGTH * TEMPO[1])
FFT = 65536
WARPS = np.linspace(0.80, 1.25, 46)
HEARD = 0.72  # a word counts as heard in a window that holds it up to this fraction


@dataclasses.dataclass
class ClipBank:
    """Clips of many voices, all samples in one tensor; the clips of a voice are adjacent."""

    samples: torch.Tensor
    offset: torch.Tensor
    length: torch.Tensor
    digit: torch.Tensor
    voice_first: torch.Tensor
    voice_count: torch.Tensor
    voice_names: list[str]

    @staticmethod
    def of(clips: list[np.ndarray], digits: list[int], voices: list[str], device) -> "ClipBank":
        names = list(dict.fromkeys(voices))
        order = sorted(range(len(clips)), key=lambda i: names.index(voices[i]))
        lengths = torch.tensor([len(clips[i]) for i in order])
        owners = torch.tensor([names.index(voices[i]) for i in order])
        counts = torch.bincount(owners, minlength=len(names))
        samples = np.concatenate([clips[i] for i in order] + [np.zeros(8)]).astype(np.float32)
        return ClipBank(
            torch.from_numpy(samples).to(device),
            (lengths.cumsum(0) - lengths).to(device),
            lengths.to(device),
            torch.tensor([digits[i] for i in order], device=device),
            (counts.cumsum(0) - counts).to(device),
            counts.to(device),
            names,
        )


@dataclasses.dataclass
class Pool:
    """Rendered strings. Frames past `frames` are not the string's."""

    log_mels: torch.Tensor  # [strings, FRAMES, mels]
    frames: torch.Tensor  # [strings]
    cut: torch.Tensor  # [strings]: begins in mid-stream, so no window may begin with it
    word_label: torch.Tensor  # [strings, SLOTS]; 0: no word
    word_frame: torch.Tensor  # [strings, SLOTS]: a window that holds this frame holds the word


class StringMaker:
    def __init__(self, bank: ClipBank, seed: int):
        self.bank = bank
        self.device = bank.samples.device
        self.draw = torch.Generator(device=self.device).manual_seed(seed)
        filters = np.stack([frontend.mel_filters(float(warp)) for warp in WARPS])
        self.filters = torch.tensor(filters, dtype=torch.float32, device=self.device)
        self.hann = torch.tensor(frontend.hann(), dtype=torch.float32, device=self.device)

    def uniform(self, low: float, high: float, *shape: int) -> torch.Tensor:
        unit = torch.rand(shape, generator=self.draw, device=self.device)
        return low + (high - low) * unit

    def normal(self, *shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=self.draw, device=self.device)

    def chance(self, probability: float, *shape: int) -> torch.Tensor:
        return self.uniform(0.0, 1.0, *shape) < probability

    def choose(self, low, high) -> torch.Tensor:
        """Integers in [low, high), elementwise."""
        unit = torch.rand(low.shape, generator=self.draw, device=self.device)
        return low + (unit * (high - low)).long().clamp(max=(high - low - 1).clamp(min=0))

    def render(self, voices: torch.Tensor, progress: float) -> Pool:
        """One string for each entry of `voices`; `progress` (0..1) lengthens them at first."""
        count = len(voices)
        speed = (0.055 * self.normal(count)).exp().clamp(0.75, 1.33)  # pitch and formants
        warp = (0.0375 * self.normal(count)).exp().clamp(WARPS[0], WARPS[-1])  # formants alone
        # Said fast and without a pause, the end of a word swallowed by the next.
        connected = self.chance(0.1, count)
        tempo = (0.065 * self.normal(count)).exp()
        tempo = tempo * torch.where(connected, self.uniform(1.0, 1.35, count), 1.0)
        tempo = tempo.clamp(*TEMPO)
        timeline = self.timeline(voices, speed, connected, progress)
        wave = self.channel(*self.waveform(timeline))
        position = torch.arange(SAMPLES, device=self.device)
        silent = (position < timeline.begin[:, None]) | (position >= timeline.end[:, None])
        wave = wave.masked_fill(silent, 0.0)

        step = frontend.HOP_LENGTH * tempo[:, None]
        padded = timeline.end[:, None] + frontend.PADDING * tempo[:, None]
        frames = ((padded - frontend.FRAME_LENGTH) / step + 1).long()[:, 0]
        frames = frames.clamp(min=1, max=FRAMES)
        starts = (torch.arange(FRAMES, device=self.device) * step).long()
        heard = timeline.start + HEARD * timeline.length - frontend.FRAME_LENGTH / 2
        word_frame = (heard / step).round().long()
        word_label = torch.where(timeline.used, timeline.label, 0)
        log_mels = self.log_mels(wave, starts, warp)
        return Pool(log_mels, frames, timeline.cut, word_label, word_frame)

    def timeline(
        self, voices: torch.Tensor, speed: torch.Tensor, connected: torch.Tensor, progress: float
    ) -> "Timeline":
        count, bank = len(voices), self.bank
        first = bank.voice_first[voices][:, None].expand(-1, SLOTS)
        clip = self.choose(first, first + bank.voice_count[voices][:, None])
        clip_speed = speed[:, None] * (0.03 * self.normal(count, SLOTS)).exp()
        # The edges of some clips cut closer than they were.
        closer = 0.12 * self.chance(0.3, count, 1)
        first_part = closer * self.uniform(0.0, 1.0, count, SLOTS)
        last_part = 1.0 - closer * self.uniform(0.0, 1.0, count, SLOTS)
        length = bank.length[clip] * (last_part - first_part) / clip_speed
        # Gaps: run together, usual, or wide.
        kind = self.uniform(0.0, 1.0, count, 1)
        widest = torch.where(kind < 0.2, 0.04, torch.where(kind < 0.75, 0.45, 1.6))
        gaps = self.uniform(0.0, 1.0, count, SLOTS + 1) * widest
        gaps = torch.where(connected[:, None], 0.08 * gaps / widest - 0.07, gaps)
        gaps = gaps * frontend.SAMPLE_RATE
        gaps[:, [0, -1]] = gaps[:, [0, -1]].clamp(min=0.0)
        gaps[:, :1] *= self.chance(0.75, count, 1)
        gaps[:, -1:] *= self.chance(0.75, count, 1)
        # Single digits, short strings, or a piece of an endless stream; single digits first.
        endless = self.chance(0.4 * min(1.0, progress / 0.1), count)
        longest = 1 + int(7 * min(1.0, progress / 0.12))
        words = self.choose(torch.ones_like(voices), torch.full_like(voices, longest + 1))
        words = torch.where(self.chance(0.45, count), 1, words)
        words = torch.where(endless, SLOTS, words)
        cut = endless & self.chance(0.75, count)
        before = self.uniform(-1.5, 0.0, count) * frontend.SAMPLE_RATE
        begin = torch.where(cut, 0.0, float(frontend.PADDING))
        start = torch.where(cut, before, begin)[:, None] + gaps[:, :-1].cumsum(1)
        start = start + length.cumsum(1) - length
        last = (words - 1)[:, None]
        end = (start.gather(1, last) + length.gather(1, last))[:, 0] + gaps[:, -1]
        return Timeline(
            clip=clip,
            start=start,
            length=length,
            first_part=first_part,
            last_part=last_part,
            used=torch.arange(SLOTS, device=self.device) < words[:, None],
            label=bank.digit[clip] + 1,
            begin=begin,
            end=torch.where(endless, float(SAMPLES), end),
            cut=cut,
        )

    def waveform(self, timeline: "Timeline") -> tuple[torch.Tensor, torch.Tensor]:
        """[strings, SAMPLES]: each clip stretched to its length, its inside bent a little, and
        where the clips are."""
        count, bank = len(timeline.start), self.bank
        bend = self.uniform(-0.3, 0.3, count, SLOTS) / (2 * math.pi)
        gain = torch.exp(0.25 * self.normal(count, SLOTS))
        position = torch.arange(SAMPLES, device=self.device, dtype=torch.float32)
        slot, within = timeline.locate(position.expand(count, -1).contiguous())
        valid = (within >= 0) & (within < 1) & timeline.used.gather(1, slot)
        size = bank.length[timeline.clip]
        within = within + bend.gather(1, slot) * torch.sin(2 * math.pi * within)
        first_part = timeline.first_part.gather(1, slot)
        within = first_part + within * (timeline.last_part.gather(1, slot) - first_part)
        at = torch.minimum((within * size.gather(1, slot)).clamp(min=1), size.gather(1, slot) - 3.0)
        index = torch.where(valid, at.long() + bank.offset[timeline.clip].gather(1, slot), 1)
        wave = cubic(*(bank.samples[index + k] for k in (-1, 0, 1, 2)), at - at.floor())
        return wave * torch.where(valid, gain.gather(1, slot), 0.0), valid

    def channel(self, wave: torch.Tensor, voiced: torch.Tensor) -> torch.Tensor:
        """A room, a microphone or telephone, and noise, each string its own."""
        count = len(wave)
        bins = FFT // 2 + 1
        hertz = torch.linspace(0, frontend.SAMPLE_RATE / 2, bins, device=self.device)
        # Room: noise that dies away after the direct sound.
        tail = torch.arange(4000, device=self.device) / frontend.SAMPLE_RATE
        decay = self.uniform(0.05, 0.5, count, 1)
        room = self.normal(count, 4000) * torch.exp(-6.9 * tail / decay)
        room = room / room.norm(dim=1, keepdim=True)
        room = room * self.uniform(0.05, 0.7, count, 1) * self.chance(0.4, count, 1)
        room[:, 0] = 1.0
        spectrum = torch.fft.rfft(wave, FFT) * torch.fft.rfft(room, FFT)
        # Channel: a smooth curve of a few dB, sometimes a telephone's band.
        octave = torch.log2(hertz.clamp(min=60.0) / 60.0) / 6.0
        curve = torch.zeros(count, bins, device=self.device)
        for order in range(1, 7):
            curve += self.normal(count, 1) * torch.cos(math.pi * order * octave) / order**0.5
        curve = curve * self.uniform(0.2, 0.8, count, 1) * self.chance(0.8, count, 1)
        # Dull microphones, which hear nothing of an s.
        dull = self.uniform(1800.0, 3800.0, count, 1)
        dullness = torch.relu(torch.log2(hertz.clamp(min=10.0) / dull))
        curve = curve - dullness * self.uniform(0.0, 4.0, count, 1) * self.chance(0.4, count, 1)
        low = self.uniform(150.0, 350.0, count, 1)
        high = self.uniform(2900.0, 3600.0, count, 1)
        outside = torch.relu(torch.log2(low / hertz.clamp(min=10.0)))
        outside += torch.relu(torch.log2(hertz.clamp(min=10.0) / high)) * 4.0
        curve = curve - outside * 2.0 * self.chance(0.25, count, 1)
        spectrum = spectrum * curve.exp()
        clean = torch.fft.irfft(spectrum, FFT)[:, :SAMPLES]
        # Noise: any colour, steady or coming and going, 8 to 55 dB under the speech.
        colour = torch.log2(hertz.clamp(min=60.0) / 500.0) * self.uniform(-0.9, 0.3, count, 1)
        phase = torch.view_as_complex(self.normal(count, bins, 2))
        noise = torch.fft.irfft(phase * colour.exp(), FFT)[:, :SAMPLES]
        time = torch.arange(SAMPLES, device=self.device) / frontend.SAMPLE_RATE
        rate, shift = self.uniform(0.2, 4.0, count, 1), self.uniform(0.0, 6.3, count, 1)
        swell = torch.exp(1.5 * torch.sin(2 * math.pi * rate * time + shift))
        noise = torch.where(self.chance(0.25, count, 1), noise * swell, noise)
        # Noise of the recording ends where the recording was cut.
        noise = torch.where(self.chance(0.2, count, 1) & ~voiced, 0.0, noise)
        speech = (clean.square().sum(1) / (clean.abs() > 1e-4).sum(1).clamp(min=1)).sqrt()
        speech = speech.clamp(min=1e-3)
        ratio = 10.0 ** (-self.uniform(8.0, 55.0, count) / 20.0)
        ratio = torch.where(self.chance(0.15, count), 0.0, ratio)
        noise = noise * (speech * ratio / noise.square().mean(1).sqrt())[:, None]
        mixed = (clean + noise) * (self.uniform(-2.5, 0.5, count).exp() / speech * 0.1)[:, None]
        return torch.round(mixed * 32768.0).clamp(-32768, 32767) / 32768.0

    def log_mels(self, wave: torch.Tensor, starts: torch.Tensor, warp: torch.Tensor):
        index = starts[:, :, None] + torch.arange(frontend.FRAME_LENGTH, device=self.device)
        frames = wave.gather(1, index.flatten(1)).view(index.shape) * self.hann
        spectrum = torch.fft.rfft(frames, frontend.N_FFT)
        power = spectrum.real.square() + spectrum.imag.square()
        nearest = ((warp - WARPS[0]) / (WARPS[1] - WARPS[0])).round().long()
        energy = torch.bmm(power, self.filters[nearest])
        return energy.clamp(min=frontend.ENERGY_FLOOR).log()


@dataclasses.dataclass
class Timeline:
    """Where each digit of each string stands, in samples."""

    clip: torch.Tensor
    start: torch.Tensor
    length: torch.Tensor
    first_part: torch.Tensor  # the part of the clip that is heard
    last_part: torch.Tensor
    used: torch.Tensor
    label: torch.Tensor
    begin: torch.Tensor  # silence before this and after `end`
    end: torch.Tensor
    cut: torch.Tensor

    def locate(self, position: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The digit that began last before each position, and how far through it that is."""
        slot = torch.searchsorted(self.start, position, right=True) - 1
        slot = slot.clamp(min=0)
        return slot, (position - self.start.gather(1, slot)) / self.length.gather(1, slot)


def cubic(before, left, right, after, fraction):
    """Catmull-Rom interpolation between `left` and `right`."""
    slope = right - before
    bend = 2 * before - 5 * left + 4 * right - after
    twist = 3 * (left - right) + after - before
    return left + 0.5 * fraction * (slope + fraction * (bend + fraction * twist))


@dataclasses.dataclass
class Windows:
    """A batch for training, [models, windows, ...]."""

    features: torch.Tensor  # [.., frames, mels]
    lengths: torch.Tensor
    targets: torch.Tensor  # [.., SLOTS]
    target_lengths: torch.Tensor


def cut_windows(
    pool: Pool, chosen: torch.Tensor, size: int, draw: torch.Generator
) -> Windows:
    """Windows of `size` frames at most, as a stream would cut them, with their stream's level.

    `chosen` [models, windows] numbers strings of the pool.
    """
    device = chosen.device
    models, count = chosen.shape
    frames = pool.frames[chosen]
    unit = torch.rand(models, count, generator=draw, device=device)
    whole = torch.rand(models, count, generator=draw, device=device) < 0.4
    # A window that begins a stream has its silence; one that does not is of full size.
    least = torch.where(pool.cut[chosen], size, 48)
    cut = least + (unit * (frames - least).clamp(min=0)).long()
    end = torch.where(whole, frames, torch.minimum(cut, frames))
    if size == FRAMES:
        end = frames
    start = (end - size).clamp(min=0)
    log_mels = pool.log_mels[chosen]
    known = torch.arange(FRAMES, device=device) < end[..., None]
    level = levels(log_mels, known)
    index = start[..., None] + torch.arange(size, device=device)
    inside = index < end[..., None]
    index = index.clamp(max=FRAMES - 1)
    features = log_mels.gather(2, index[..., None].expand(-1, -1, -1, frontend.N_MELS))
    features = (features - level[:, :, None]).clamp(min=frontend.LEVEL["floor"])
    features = features * frontend.LEVEL["scale"] * inside[..., None]
    label, frame = pool.word_label[chosen], pool.word_frame[chosen]
    heard = (label > 0) & (frame >= start[..., None]) & (frame < end[..., None])
    order = torch.where(heard, 0, 1).argsort(dim=-1, stable=True)
    targets = torch.where(heard, label, 0).gather(2, order)
    return Windows(features, end - start, targets, heard.sum(-1))


def levels(log_mels: torch.Tensor, known: torch.Tensor) -> torch.Tensor:
    """`frontend.level` for a batch: [.., frames, mels] with the known frames -> [.., 1]."""
    power = log_mels.exp().sum(-1) * known
    mean = power.sum(-1, keepdim=True) / known.sum(-1, keepdim=True)
    active = ((power >= frontend.LEVEL["active_ratio"] * mean) & known).float()
    total = (log_mels.mean(-1) * active).sum(-1, keepdim=True)
    return (total / active.sum(-1, keepdim=True)).clamp(min=frontend.LEVEL["min_level"])
