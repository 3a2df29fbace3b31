"""Measure compiled loops in turns with what they replace, and with the memory; prints two tables.

Both compare the CPU time of one thread, which other work on the machine disturbs little. The time
of two threads needs idle processors.
"""

import argparse
import functools
import os
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from spread import quartiles

import maskloss as ml

ELEMENTS = (
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
# What a row names: the kind of labels, and keywords.
ROWS = {
    "cross_entropy": ("indices", {}),
    "cross_entropy, label smoothing": ("indices", {"label_smoothing": 0.1}),
    "cross_entropy, probabilities": ("probabilities", {}),
    "softmax_focal_loss": ("indices", {}),
    "softmax_focal_loss, probabilities": ("probabilities", {}),
    "kl_div, rows": ("probabilities", {"rows": True}),
}
LIMITS = ("binary_cross_entropy_with_logits", "sigmoid_focal_loss", "mse_loss", "cross_entropy")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=4096)
    parser.add_argument("--classes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=9)
    return parser.parse_args()


def tasks(rows, classes):
    """Return {name: (loss, prediction, labels, mask)}."""
    rng = np.random.default_rng(0)
    x = 3 * rng.normal(size=(rows, classes)).astype(np.float32)
    positive = (rng.random(x.shape) < 0.3).astype(np.float32)
    shares = rng.random(x.shape, dtype=np.float32)
    shares /= shares.sum(axis=1, keepdims=True)
    labels = {"indices": rng.integers(0, classes, rows), "probabilities": shares}
    mask, mask_of_rows = rng.random(x.shape) < 0.3, rng.random(rows) < 0.3
    found = {name: (getattr(ml, name), x, positive, mask) for name in ELEMENTS}
    for name, (kind, options) in ROWS.items():
        loss = functools.partial(getattr(ml, name.partition(",")[0]), **options)
        found[name] = loss, x, labels[kind], mask_of_rows
    return found


def seconds(function, clock):
    start = clock()
    function()
    return clock() - start


def run(loss, arrays, mask, *, is_on, threads=1, clock=time.process_time):
    """Return the time of value and gradient."""
    os.environ["MASKLOSS_NUM_THREADS"] = str(threads)
    with ml.fused(is_on):
        return seconds(lambda: ml.value_and_grad(loss)(*arrays, mask=mask), clock)


def gains(rows, classes, rounds, names=None):
    """Yield the time without loops by that with them, for each loss, some and all observed."""
    found = tasks(rows, classes)
    for name in names or found:
        loss, *arrays, mask = found[name]
        some, whole = (_ratio(loss, arrays, m, rounds) for m in (mask, None))
        yield {"loss": name, "some": some, "all": whole}


def _ratio(loss, arrays, mask, rounds):
    run(loss, arrays, mask, is_on=True)  # compiles
    timed = [[run(loss, arrays, mask, is_on=on) for on in (False, True)] for _ in range(rounds)]
    return quartiles(without / by for without, by in timed)


def limits(rows, classes, rounds):
    """Yield what bounds a loop: the time of an element, of a copy, and of a second thread.

    A second thread gains no more than the memory lets it, so a copy by two threads is timed too.
    """
    found = tasks(rows, classes)
    for name in LIMITS:
        loss, *arrays, _ = found[name]
        one, by_copy, *by_two = _limits(loss, arrays, rounds)
        each = [1e9 * seconds / arrays[0].size for seconds in one]
        gains = dict(zip(("threads", "copy_threads"), by_two, strict=True))
        yield {"loss": name, "ns": each, "copy": by_copy} | gains


def _limits(loss, arrays, rounds):
    """Return CPU time, that by the time of a copy, and one by two threads of loop and copy."""
    timed = functools.partial(run, loss, arrays, None, is_on=True)
    timed()  # compiles
    # A copy reads and writes each byte; a loop reads the arguments, and writes the gradient.
    copied = functools.partial(copy, (sum(map(_bytes, arrays)) + _bytes(arrays[0])) // 2)
    one, by_copy, *by_two = [], [], [], []
    for _ in range(rounds):
        one.append(timed())
        by_copy.append(one[-1] / copied())
        for gains, by in zip(by_two, (timed, copied), strict=True):
            alone, together = (by(threads=n, clock=time.perf_counter) for n in (1, 2))
            gains.append(alone / together)
    return map(quartiles, (one, by_copy, *by_two))


def _bytes(array):
    return array.nbytes


def copy(number, threads=1, clock=time.process_time):
    """Return the time to copy so many bytes, with a part for each thread."""
    source, target = np.ones((2, threads, number // threads), np.uint8)
    if threads == 1:
        return seconds(lambda: np.copyto(target, source), clock)
    with ThreadPoolExecutor(threads) as pool:
        [*pool.map(np.copyto, target[:, :1], source[:, :1])]  # starts the threads
        return seconds(lambda: [*pool.map(np.copyto, target, source)], clock)


def main():
    asked = arguments()
    for measure in (gains, limits):
        for row in measure(asked.rows, asked.classes, asked.rounds):
            print(*(_cell(name, value) for name, value in row.items()), sep="  ", flush=True)
    print("load average", *os.getloadavg())


def _cell(name, value):
    return value if name == "loss" else f"{name} " + " / ".join(f"{v:.1f}" for v in value)


if __name__ == "__main__":
    main()
