"""Accuracy (and AUC) of a text checkpoint, as `flink-sigmoid evaluate score` counts it.

    python evaluate_text.py --model ../models/langid --data test.tsv [--prefix N] [--rows out.tsv]

`--rows` writes label, text and each output, for comparison with the Java engine. The last line is
one JSON object.
"""

from __future__ import annotations

import argparse
import json
import pathlib

import numpy as np
import torch

import model
import text_data
from train_text import Corpus, scores_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=pathlib.Path, required=True)
    parser.add_argument("--data", type=pathlib.Path, required=True)
    parser.add_argument("--prefix", type=int, default=text_data.LONGEST, help="characters")
    parser.add_argument("--rows", type=pathlib.Path)
    options = parser.parse_args()
    encoder = model.load_checkpoint(options.model)
    score = encoder.config["task"] == "score"
    labels = ["0", "1"] if score else list(encoder.config["id2label"].values())
    rows = text_data.read(options.data)
    corpus = Corpus.of(rows, labels, torch.device("cpu"))
    outputs = scores_of(encoder, corpus, options.prefix)
    truth = corpus.labels.numpy()
    result = {"rows": len(rows), "backend": "pytorch"}
    if score:
        result["accuracy"] = float(((outputs > 0) == (truth == 1)).mean())
        result["auc"] = text_data.auc(outputs, truth == 1)
        outputs = 1.0 / (1.0 + np.exp(-outputs[:, None]))
    else:
        result["accuracy"] = float((outputs.argmax(1) == truth).mean())
        outputs = np.exp(outputs)
    if options.rows:
        lines = [
            "\t".join([label, text[: options.prefix], *(f"{value:.6f}" for value in values)]) + "\n"
            for (label, text), values in zip(rows, outputs)
        ]
        options.rows.write_text("".join(lines), encoding="utf-8")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
