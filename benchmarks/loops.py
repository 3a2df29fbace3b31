"""Measure compiled loops beside the evaluators without them, in turns; prints a table."""

import argparse
import os
import statistics
import time

import numpy as np

import maskloss as ml

LOSSES = (
    "binary_cross_entropy_with_logits",
    "sigmoid_focal_loss",
    "asymmetric_loss",
    "hill_loss",
    "splc_loss",
    "poly_loss",
    "log_cosh_loss",
    "huber_loss",
    "mse_loss",
)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


def seconds(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def ratios(loss, x, y, mask, rounds):
    """Return the time without loops by that with them of each round, and the first call."""
    value_and_grad = ml.value_and_grad(loss)

    def run(is_on):
        with ml.fused(is_on):
            return seconds(lambda: value_and_grad(x, y, mask=mask))

    run(False)
    first = run(True)
    return [run(False) / run(True) for _ in range(rounds)], first


def main():
    asked = arguments()
    os.environ["MASKLOSS_NUM_THREADS"] = str(asked.threads)
    rng = np.random.default_rng(0)
    x = 3 * rng.normal(size=(asked.rows, 1000)).astype(np.float32)
    y = (rng.random(x.shape) < 0.3).astype(np.float32)
    mask = rng.random(x.shape) < 0.3
    print("| loss | 30 % observed | all observed | first call, s |")
    print("| --- | --- | --- | --- |")
    for name in LOSSES:
        results = [ratios(getattr(ml, name), x, y, m, asked.rounds) for m in (mask, None)]
        middle = [f"{statistics.median(found):.1f}" for found, _ in results]
        print(f"| `{name}` | {' | '.join(middle)} | {results[0][1]:.1f} |")


if __name__ == "__main__":
    main()
