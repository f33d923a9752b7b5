"""The numbers that test/evaluation.test.ts holds src/evaluation.ts to, from scikit-learn, SciPy, statsmodels and R.

    mnist-train --data data/mnist_train.csv --out ten0.json
    mnist-train --data data/mnist_train.csv --out ten1.json --seed 1
    mnist-train --data data/mnist_train.csv --out best.json --dev 0 --hidden 128 --batch 96 --epochs 2 --alpha 0.25 \
      --momentum 0.9 --decay linear --init-scale he
    for run in ten0 ten1 best; do mnist-evaluate $run.json --data data/mnist_test.csv --predictions $run.csv; done
    /usr/bin/python3 test/evaluation/oracle.py ten0.csv ten1.csv best.csv > test/evaluation/oracle.json
    npx prettier --write test/evaluation/oracle.json

Debian 12: python3-sklearn, python3-scipy, python3-statsmodels, r-base-core. Of ten0, the file keeps label and prediction of
each digit (a byte: ten times the one and the other) and the confidence, in 65,535ths, on which all numbers are based; of
the others only which digits are right, a bit each, the first in the highest.
"""
import base64
import json
import math
import subprocess
import sys

import numpy as np
import scipy.stats
import sklearn
import statsmodels
from sklearn.metrics import classification_report, confusion_matrix
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint


def r(expression):
    """The numbers that an R expression gives."""
    command = f'options(digits = 17); cat(format({expression}, digits = 17), sep = "\\n")'
    out = subprocess.run(["Rscript", "-e", command], check=True, capture_output=True, text=True).stdout
    return [float(line) for line in out.split()]


def log_tail(k, n):
    """log P(X <= k) of n tosses of a fair coin, from integers of any size; SciPy's underflows."""
    term = total = 1
    for i in range(k):
        term = term * (n - i) // (i + 1)
        total += term
    bits = max(total.bit_length() - 64, 0)
    return math.log(total >> bits) + (bits - n) * math.log(2)


def text(numbers):
    return base64.b64encode(numbers.tobytes()).decode()


def read(path):
    table = np.loadtxt(path, delimiter=",", skiprows=1)
    return table[:, 1].astype(int), table[:, 2].astype(int), table[:, 3:].max(axis=1)


def matched(first, second):
    """Wald's interval after adding 0.5 to each count of the 2x2 table, written as Agresti and Min do (2005)."""
    n = len(first) + 2
    p12 = (np.sum(first & ~second) + 0.5) / n
    p21 = (np.sum(~first & second) + 0.5) / n
    reach = scipy.stats.norm.ppf(0.975) * np.sqrt((p12 + p21 - (p12 - p21) ** 2) / n)
    return [float(p12 - p21 - reach), float(p12 - p21 + reach)]


labels, predictions, confidence = read(sys.argv[1])
units = np.round(confidence * 65535).astype("<u2")
confidence = units / 65535
right = [(read(path)[0] == read(path)[1]) for path in sys.argv[1:]]

edges = np.arange(1, 10) / 10
bins = np.digitize(confidence, edges, right=True)
correct = labels == predictions
ece = sum(abs(correct[bins == b].mean() - confidence[bins == b].mean()) * np.mean(bins == b) for b in np.unique(bins))

# The second report: 7 is neither label nor prediction, 8 is never predicted, 9 never a label.
few_labels = np.array([0, 0, 1, 2, 3, 4, 5, 6, 8, 8, 1])
few_predictions = np.array([0, 1, 1, 2, 3, 4, 5, 6, 9, 0, 1])


def report(labels, predictions):
    table = classification_report(labels, predictions, output_dict=True, zero_division=0)
    rows = {digit: table[str(digit)] for digit in range(10) if str(digit) in table}
    names = {"precision": "precision", "recall": "recall", "f1": "f1-score", "support": "support"}
    return {
        "confusion": confusion_matrix(labels, predictions, labels=range(10)).tolist(),
        "classes": {digit: {ours: row[theirs] for ours, theirs in names.items()} for digit, row in rows.items()},
        "macro": {ours: table["macro avg"][theirs] for ours, theirs in names.items() if ours != "support"},
        "accuracy": table["accuracy"],
    }


shares = [(8460, 10000), (9806, 10000), (810, 1000), (0, 5), (5, 5), (1, 1), (1, 3), (590, 892), (60000, 60001)]
splits = [(0, 0), (0, 1), (3, 3), (1, 9), (15, 31), (615, 631), (59, 1342), (51, 1350), (2400, 2600), (4900, 5100)]
splits += [(6000, 6000), (300, 1000), (29000, 29500), (0, 1074), (0, 1075), (40, 5000)]
several = [0.01, 0.04, 0.03, 0.005, 0.9, 0.03, 1e-320]

print(
    json.dumps(
        {
            "versions": {
                "sklearn": sklearn.__version__,
                "scipy": scipy.__version__,
                "statsmodels": statsmodels.__version__,
                "R": subprocess.run(["Rscript", "--version"], capture_output=True, text=True).stdout.split()[3],
            },
            "answers": text((10 * labels + predictions).astype("u1")),
            "confidences": text(units),
            "right": [text(np.packbits(each)) for each in right],
            "report": report(labels, predictions),
            "few": {
                "labels": few_labels.tolist(),
                "predictions": few_predictions.tolist(),
                **report(few_labels, few_predictions),
            },
            "ece": float(ece),
            "bins": [
                [int(np.sum(bins == b)), int(np.sum(correct[bins == b])), float(np.sum(confidence[bins == b]))]
                for b in range(10)
            ],
            "wilson": [
                {
                    "successes": k,
                    "trials": n,
                    "statsmodels": list(map(float, proportion_confint(k, n, 0.05, "wilson"))),
                    "R": r(f"suppressWarnings(prop.test({k}, {n}, correct = FALSE)$conf.int)"),
                }
                for k, n in shares
            ],
            "mcNemar": [
                {
                    "split": [b, c],
                    "logTail": log_tail(min(b, c), b + c),
                    "statsmodels": float(mcnemar([[0, b], [c, 0]], exact=True).pvalue),
                    "R": r(f"binom.test({b}, {b + c})$p.value")[0] if b + c > 0 else 1.0,
                }
                for b, c in splits
            ],
            "matched": [
                {
                    "counts": [
                        int(np.sum(x)) for x in (right[0] & y, right[0] & ~y, ~right[0] & y, ~(right[0] | y))
                    ],
                    "interval": matched(right[0], y),
                }
                for y in right[1:]
            ],
            "holm": {
                "p": several,
                "statsmodels": multipletests(several, method="holm")[1].tolist(),
                "R": r(f"p.adjust(c({', '.join(map(str, several))}), 'holm')"),
            },
        },
        indent=2,
    )
)
