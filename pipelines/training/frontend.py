"""Log-mel features and their level, the speech front end of `digits-ctc`.

Numpy, written to be read: the Java front end is checked against this file, and so is the
batched version that training uses (`digit_strings.py`).
"""

from __future__ import annotations

import functools

import numpy as np

SAMPLE_RATE = 8000
FRAME_LENGTH = 200
HOP_LENGTH = 80
N_FFT = 256
N_MELS = 40
F_MIN, F_MAX = 60.0, 3800.0
ENERGY_FLOOR = 1e-10
PADDING = 960  # zeros before and after each stream: 12 frames, 3 steps of the encoder

LEVEL = {
    "history_frames": 512,
    "active_ratio": 0.01,
    "min_level": -12.0,
    "floor": -11.5,  # -50 dB
    "scale": 0.3,
    "mel_tilt": None,
}


def hz_to_mel(hz):
    return 2595.0 * np.log10(1.0 + np.asarray(hz, dtype=np.float64) / 700.0)


def mel_to_hz(mel):
    return 700.0 * (10.0 ** (np.asarray(mel, dtype=np.float64) / 2595.0) - 1.0)


@functools.lru_cache(maxsize=64)
def mel_filters(warp: float = 1.0) -> np.ndarray:
    """Triangular HTK filters, [N_FFT / 2 + 1, N_MELS].

    `warp` (training only) moves the filters as a vocal tract of another length would move the
    formants: frequencies times `warp` up to 85% of the band, then straight to its end.
    """
    corners = mel_to_hz(np.linspace(hz_to_mel(F_MIN), hz_to_mel(F_MAX), N_MELS + 2))
    knee = 0.85 * F_MAX * min(1.0, 1.0 / warp)
    above = warp * knee + (corners - knee) * (F_MAX - warp * knee) / (F_MAX - knee)
    corners = np.where(corners < knee, warp * corners, above)
    bins = np.arange(N_FFT // 2 + 1) * SAMPLE_RATE / N_FFT
    up = (bins[:, None] - corners[None, :-2]) / (corners[1:-1] - corners[:-2])
    down = (corners[None, 2:] - bins[:, None]) / (corners[2:] - corners[1:-1])
    return np.maximum(0.0, np.minimum(up, down))


def hann() -> np.ndarray:
    return 0.5 - 0.5 * np.cos(2.0 * np.pi * np.arange(FRAME_LENGTH) / FRAME_LENGTH)


def padded(samples: np.ndarray) -> np.ndarray:
    """A stream with silence around it, so that its first and last words have edges."""
    return np.pad(samples, (PADDING, PADDING)) if len(samples) else samples


def frame_count(samples: int) -> int:
    if samples == 0:
        return 0
    return 1 + (max(samples, FRAME_LENGTH) - FRAME_LENGTH) // HOP_LENGTH


def log_mel(samples: np.ndarray) -> np.ndarray:
    """Samples in [-1, 1) to natural-log mel energies, [frames, N_MELS] float32."""
    samples = np.asarray(samples, dtype=np.float64)
    frames = frame_count(len(samples))
    if frames == 0:
        return np.zeros((0, N_MELS), dtype=np.float32)
    if len(samples) < FRAME_LENGTH:
        samples = np.pad(samples, (0, FRAME_LENGTH - len(samples)))
    index = np.arange(frames)[:, None] * HOP_LENGTH + np.arange(FRAME_LENGTH)[None, :]
    spectrum = np.fft.rfft(samples[index] * hann(), N_FFT, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    return np.log(np.maximum(power @ mel_filters(), ENERGY_FLOOR)).astype(np.float32)


def level(history: np.ndarray, config: dict = LEVEL) -> float:
    """The level of a stretch of log-mels [frames, N_MELS].

    The mean over the active frames, those whose power is within 20 dB of the mean power: pauses
    and noise between words do not move it.
    """
    history = np.asarray(history, dtype=np.float64)
    power = np.exp(history).sum(axis=1)
    active = power >= config["active_ratio"] * power.mean()
    return max(float(history[active].mean(axis=0).mean()), config["min_level"])


def normalise(log_mels: np.ndarray, level_: float, config: dict = LEVEL) -> np.ndarray:
    """Log-mels relative to their level, floored and scaled: what the encoder reads."""
    tilt = config["mel_tilt"]
    relative = log_mels - level_ if tilt is None else log_mels - level_ - np.asarray(tilt)
    return (np.maximum(relative, config["floor"]) * config["scale"]).astype(np.float32)


def preprocessor_config(level_config: dict = LEVEL) -> dict:
    """The contents of preprocessor_config.json."""
    return {
        "feature_size": N_MELS,
        "sampling_rate": SAMPLE_RATE,
        "frame_length": FRAME_LENGTH,
        "hop_length": HOP_LENGTH,
        "n_fft": N_FFT,
        "f_min": F_MIN,
        "f_max": F_MAX,
        "mel_scale": "htk",
        "floor": ENERGY_FLOOR,
        "padding_samples": PADDING,
        "level": dict(level_config),
        "streaming": {
            "window_frames": 256,
            "hop_frames": 64,
            "edge_steps": 32,
            "endpoint_steps": 20,
        },
    }
