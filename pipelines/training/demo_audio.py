"""Makes the demo's recordings: synthetic voices saying digits, and the bundled real one as WAV.

    python demo_audio.py ../demo/audio [dhd.2934z.raw]

The raw file (16 kHz, 16 bit, mono) is in Debian's package pocketsphinx-testdata.
"""

from __future__ import annotations

import pathlib
import random
import sys
import wave

import numpy as np

import synth

RECORDINGS = {
    "flite-slt": synth.Voice("flite", "slt", tuple(synth.ENGLISH), 200, 1.0),
    "flite-rms": synth.Voice("flite", "rms", tuple(synth.ENGLISH), 100, 1.0),
    "espeak-en-us": synth.Voice("espeak-ng", "en-us+m3", tuple(synth.ENGLISH), 45, 150),
    "espeak-en-gb": synth.Voice("espeak-ng", "en-gb+f2", tuple(synth.ENGLISH), 55, 140),
}


def write(path: pathlib.Path, samples: np.ndarray, rate: int) -> None:
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        file.writeframes(samples.astype("<i2").tobytes())


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(7)
    lines = []
    for name, voice in RECORDINGS.items():
        clips = synth.render(voice)
        parts, words = [np.zeros(2400)], []
        for group in (3, 4):  # two utterances with a pause that ends the first
            for _ in range(group):
                digit = draw.randrange(10)
                words.append(str(digit))
                parts += [clips[digit], np.zeros(draw.randint(800, 2000))]
            parts.append(np.zeros(8000))
        signal = np.concatenate(parts)
        noise = np.random.default_rng(len(lines)).standard_normal(len(signal))
        write(folder / f"{name}.wav", np.round((signal + 0.0004 * noise) * 20000), synth.RATE)
        lines.append(f"{name}.wav\t{' '.join(words)}\n")
    if len(sys.argv) > 2:
        samples = np.fromfile(sys.argv[2], dtype="<i2")
        write(folder / "tidigits-dhd.2934z.wav", samples, 16000)
        lines.append("tidigits-dhd.2934z.wav\t2 9 3 4 0\n")
    (folder / "manifest.tsv").write_text("".join(lines))


if __name__ == "__main__":
    main()
