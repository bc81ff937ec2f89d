"""Synthetic spoken digits: espeak-ng, flite, festival, RHVoice and Pico voices, many accents.

    python synth.py voices.npz [--workers 2]

Needs the programs `espeak-ng`, `flite`, `festival`, `RHVoice-test` and `pico2wave` (voices that are
not installed are left out and named). Writes mu-law samples at 8 kHz with the offset, digit and
voice of each clip.
A "voice" is one speaker with one setting of pitch and rate: strings are built within a voice.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import dataclasses
import pathlib
import random
import subprocess
import tempfile
import wave

import numpy as np
from scipy.signal import resample_poly

RATE = 8000
ENGLISH = "zero one two three four five six seven eight nine".split()

# English digits as a reader of another language would spell them: a foreign accent each.
RESPELLED = {
    "de": "siero|uann|tuh|srie|fohr|faif|ßicks|ßewen|ejt|nain",
    "fr-fr": "ziro|ouanne|tou|sri|fore|faïve|sixe|sévène|éite|naïne",
    "it": "ziro|uan|tu|tri|for|faiv|siks|seven|eit|nain",
    "es": "siro|uan|tu|zri|for|faiv|siks|seven|eit|nain",
    "es-419": "siro|uan|tu|tri|for|faiv|siks|seven|eit|nain",
    "pt": "zirou|uan|tu|tri|fór|faiv|sics|séven|eit|nain",
    "pt-br": "zirou|uan|tu|tri|fór|faiv|sics|séven|eit|nain",
    "nl": "ziero|wan|toe|srie|foor|faiv|siks|sevven|eejt|nain",
    "pl": "ziro|łan|tu|tri|for|fajw|siks|sewen|ejt|najn",
    "sv": "siro|oann|to|tri|får|fajv|sicks|sevven|ejt|najn",
    "nb": "siro|oann|to|tri|får|faiv|siks|sevven|eit|nain",
    "da": "siro|uann|tu|tri|for|fajv|siks|sevven|ejt|najn",
    "fi": "siiro|uan|tuu|srii|foor|faiv|siks|seven|eit|nain",
    "cs": "zirou|uan|tú|srí|fór|fajv|siks|sevn|ejt|najn",
    "sk": "zirou|uan|tú|srí|fór|fajv|siks|sevn|ejt|najn",
    "ro": "zirou|uan|tu|tri|for|faiv|sics|seven|eit|nain",
    "el": "ζίρο|ουάν|του|θρι|φορ|φάιβ|σιξ|σέβεν|έιτ|νάιν",
    "ru": "зироу|уан|ту|сри|фор|файв|сикс|сэвэн|эйт|найн",
    "bg": "зироу|уан|ту|три|фор|файв|сикс|севън|ейт|найн",
    "tr": "ziro|uan|tu|tri|for|fayv|siks|sevın|eyt|nayn",
    "hu": "zíró|uán|tú|szrí|fór|fájv|sziksz|szeven|éjt|nájn",
    "hi": "ज़ीरो|वन|टू|थ्री|फोर|फाइव|सिक्स|सेवन|एट|नाइन",
    "te": "జీరో|వన్|టూ|త్రీ|ఫోర్|ఫైవ్|సిక్స్|సెవెన్|ఎయిట్|నైన్",
    "id": "ziro|wan|tu|tri|for|faiv|siks|seven|eit|nain",
    "ca": "ziro|uan|tu|tri|for|faif|sics|seven|eit|nain",
    "hr": "ziro|uan|tu|tri|for|fajv|siks|seven|ejt|najn",
    "sq": "ziro|uan|tu|thri|for|fajv|siks|seven|ejt|najn",
    "et": "ziiro|uan|tuu|srii|foor|faiv|siks|seven|eit|nain",
}
ENGLISH_ACCENTS = (
    "en-gb en-us en-gb-scotland en-gb-x-rp en-gb-x-gbclan en-gb-x-gbcwmd en-029 en-us-nyc"
).split()
# espeak-ng's voice variants; left out: robots, whispers and jokes that no person sounds like.
VARIANTS = (
    "m1 m2 m3 m4 m5 m6 m7 m8 f1 f2 f3 f4 f5 Alex Alicia Andrea Andy Annie Denis Diogo Gene Gene2 "
    "Henrique Hugo Jacky Lee Marco Mario Michael Mike Nguyen adam anika announcer antonio aunty "
    "belinda benjamin boris caleb david ed edward edward2 grandma grandpa gustave iven iven2 "
    "iven3 john kaukovalta klatt klatt2 klatt3 klatt4 linda marcelo max michel miguel norbert "
    "pablo paul pedro quincy rob robert sandro shelby steph steph2 steph3 travis victor zac"
).split()
FESTIVAL = {
    "kal_diphone": (None, "ascii"),
    "ked_diphone": (None, "ascii"),
    "cmu_us_slt_arctic_hts": (None, "ascii"),
    "lp_diphone": ("it", "latin-1"),
    "pc_diphone": ("it", "latin-1"),
    "czech_dita": ("cs", "iso-8859-2"),
    "czech_krb": ("cs", "iso-8859-2"),
    "czech_machac": ("cs", "iso-8859-2"),
    "czech_ph": ("cs", "iso-8859-2"),
    "hy_fi_mv_diphone": ("fi", "latin-1"),
    "suo_fi_lj_diphone": ("fi", "latin-1"),
    "upc_ca_ona_hts": ("ca", "latin-1"),
    "hindi_NSK_diphone": ("hi", "utf-8"),
    "marathi_NSK_diphone": ("hi", "utf-8"),
    "telugu_NSK_diphone": ("te", "utf-8"),
}
# RHVoice's voices without a restriction of use (LGPL), and Pico's languages.
RHVOICE = {"alan": None, "bdl": None, "clb": None, "slt": None}
RHVOICE |= dict.fromkeys(("aleksandr", "anna", "elena", "irina"), "ru")
PICO = {"en-US": None, "en-GB": None, "de-DE": "de", "fr-FR": "fr-fr", "it-IT": "it", "es-ES": "es"}


@dataclasses.dataclass(frozen=True)
class Voice:
    engine: str
    name: str
    words: tuple[str, ...]
    pitch: int  # espeak-ng 0..99; flite mean Hz; RHVoice and Pico percent; festival unused
    rate: float  # espeak-ng words a minute; RHVoice and Pico percent; others: stretch of durations
    encoding: str = "utf-8"


def voices(seed: int) -> list[Voice]:
    draw = random.Random(seed)
    chosen = []
    for number in range(280):
        accent = ENGLISH_ACCENTS[number % len(ENGLISH_ACCENTS)]
        variant = VARIANTS[(number * 5 + number // len(VARIANTS)) % len(VARIANTS)]
        chosen.append(espeak(draw, f"{accent}+{variant}", ENGLISH))
    for number in range(14 * len(RESPELLED)):
        accent = list(RESPELLED)[number % len(RESPELLED)]
        variant = draw.choice(VARIANTS)
        chosen.append(espeak(draw, f"{accent}+{variant}", RESPELLED[accent].split("|")))
    for name in ("kal", "kal16", "awb", "rms", "slt"):
        for _ in range(24):
            mean = draw.randint(150, 260) if name == "slt" else draw.randint(75, 190)
            stretch = round(draw.uniform(0.7, 1.4), 2)
            chosen.append(Voice("flite", name, tuple(ENGLISH), mean, stretch))
    for name, (accent, encoding) in FESTIVAL.items():
        words = RESPELLED[accent].split("|") if accent else ENGLISH
        for _ in range(16 if accent is None else 10):
            stretch = round(draw.uniform(0.65, 1.3), 2)
            chosen.append(Voice("festival", name, tuple(words), 0, stretch, encoding))
    for engine, names in (("rhvoice", RHVOICE), ("pico", PICO)):
        for name, accent in names.items():
            words = RESPELLED[accent].split("|") if accent else ENGLISH
            for _ in range(24 if accent is None else 10):
                pitch = draw.randint(75, 125) if engine == "pico" else draw.randint(80, 120)
                chosen.append(Voice(engine, name, tuple(words), pitch, draw.randint(75, 150)))
    return chosen


def espeak(draw: random.Random, name: str, words: list[str]) -> Voice:
    return Voice("espeak-ng", name, tuple(words), draw.randint(15, 75), draw.randint(115, 215))


def render(voice: Voice) -> list[np.ndarray | None]:
    """The ten digits of a voice at 8 kHz, trimmed; None where the engine failed."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [pathlib.Path(folder) / f"{digit}.wav" for digit in range(10)]
        if voice.engine == "festival":
            render_festival(voice, paths)
        else:
            for word, path in zip(voice.words, paths):
                subprocess.run(command(voice, word, path), check=False, capture_output=True)
        return [trimmed(read(path)) for path in paths]


def command(voice: Voice, word: str, path: pathlib.Path) -> list[str]:
    if voice.engine == "flite":
        target, stretch = f"int_f0_target_mean={voice.pitch}", f"duration_stretch={voice.rate}"
        base = ["flite", "-voice", voice.name, "--setf", target, "--setf", stretch]
        return [*base, "-t", word, "-o", str(path)]
    if voice.engine == "rhvoice":
        text = path.with_suffix(".txt")
        text.write_text(word)
        base = ["RHVoice-test", "-p", voice.name, "-t", str(voice.pitch), "-r", str(int(voice.rate))]
        return [*base, "-i", str(text), "-o", str(path)]
    if voice.engine == "pico":
        said = f"<speed level='{int(voice.rate)}'>{word}</speed>"
        said = f"<pitch level='{voice.pitch}'>{said}</pitch>"
        return ["pico2wave", "-l", voice.name, "-w", str(path), said]
    base = ["espeak-ng", "-v", voice.name, "-p", str(voice.pitch), "-s", str(int(voice.rate))]
    return [*base, "-w", str(path), word]


def render_festival(voice: Voice, paths: list[pathlib.Path]) -> None:
    lines = [f"(voice_{voice.name})", f"(Parameter.set 'Duration_Stretch {voice.rate})"]
    for word, path in zip(voice.words, paths):
        lines.append(f'(set! u (SynthText "{word}"))')
        lines.append(f'(utt.save.wave u "{path}" \'riff)')
    script = paths[0].with_suffix(".scm")
    script.write_bytes("\n".join(lines).encode(voice.encoding))
    subprocess.run(["festival", "-b", str(script)], check=False, capture_output=True, timeout=120)


def read(path: pathlib.Path) -> np.ndarray | None:
    try:
        with wave.open(str(path)) as file:
            samples = np.frombuffer(file.readframes(1 << 24), dtype="<i2") / 32768.0
            rate = file.getframerate()
    except (OSError, EOFError, wave.Error):
        return None
    return resample_poly(samples, RATE, rate) if len(samples) else None


def trimmed(samples: np.ndarray | None) -> np.ndarray | None:
    """Cut where the level falls 36 dB under the loudest 10 ms, with 10 ms to spare."""
    if samples is None or len(samples) < 800:
        return None
    blocks = samples[: len(samples) // 80 * 80].reshape(-1, 80)
    energy = (blocks**2).mean(axis=1)
    loud = np.flatnonzero(energy > energy.max() * 10.0**-3.6)
    cut = samples[max(0, loud[0] - 1) * 80 : (loud[-1] + 2) * 80]
    if not 0.12 * RATE <= len(cut) <= 1.5 * RATE:
        return None
    return cut / np.abs(cut).max() * 0.7


def mu_law(samples: np.ndarray) -> np.ndarray:
    compressed = np.sign(samples) * np.log1p(255.0 * np.abs(samples)) / np.log(256.0)
    return np.round((compressed + 1.0) * 127.5).astype(np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=int, default=None, help="only so many voices")
    options = parser.parse_args()
    wanted = voices(options.seed)[: options.limit]
    clips, digits, names, failed = [], [], [], collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(options.workers) as pool:
        for number, (voice, rendered) in enumerate(zip(wanted, pool.map(render, wanted))):
            if sum(clip is not None for clip in rendered) < 8:
                failed[f"{voice.engine} {voice.name}"] += 1
                continue
            for digit, clip in enumerate(rendered):
                if clip is not None:
                    clips.append(mu_law(clip))
                    digits.append(digit)
                    names.append(f"{voice.engine}/{voice.name}/{number}")
            if number % 50 == 0:
                print(f"{number}/{len(wanted)} voices", flush=True)
    if failed:
        print("left out:", dict(failed))
    offsets = np.cumsum([0] + [len(clip) for clip in clips])
    np.savez_compressed(
        options.output,
        samples=np.concatenate(clips),
        offsets=offsets,
        digits=np.array(digits, dtype=np.int8),
        voices=np.array(names),
    )
    minutes = offsets[-1] / RATE / 60
    print(f"{len(clips)} clips of {len(set(names))} voices, {minutes:.0f} minutes")


if __name__ == "__main__":
    main()
