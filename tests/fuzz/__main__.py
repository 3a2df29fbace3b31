"""Random calls of every loss, compared with plain loops over exact entries.

Prints each failure with the command that repeats it.
"""

import argparse
import contextlib
import sys
import warnings
from pathlib import Path

FUZZED = ("numpy", "torch", "jax")


def main():
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from fuzz.check import Failure, check
    from fuzz.palette import forget_series
    from maskloss._arrays.support import backend

    parser = argparse.ArgumentParser(prog="python tests/fuzz", description=__doc__)
    parser.add_argument("--backend", default="numpy", choices=FUZZED)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--first", type=int, default=0, help="the number of the first call")
    parser.add_argument("--failures", type=int, default=10, help="stop after so many")
    options = parser.parse_args()
    warnings.simplefilter("error")
    if options.backend == "jax":
        _make_jax_strict()
    chosen, calls, failures = backend(options.backend), 0, 0
    # Ctrl-C ends a long run with its count.
    with contextlib.suppress(KeyboardInterrupt):
        for number in range(options.first, options.first + options.calls):
            calls += 1
            if options.backend == "jax":
                forget_series(number)
            try:
                check(chosen, options.seed, number)
            except Failure as failure:
                failures += 1
                where = f"--backend {options.backend} --seed {options.seed} --first {number}"
                print(f"python tests/fuzz {where} --calls 1\n    {failure}", flush=True)
                if failures == options.failures:
                    break
    print(f"{options.backend}: {calls} calls, {failures} failures")
    return failures > 0


def _make_jax_strict():
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_numpy_dtype_promotion", "strict")
    jax.config.update("jax_numpy_rank_promotion", "raise")


if __name__ == "__main__":
    sys.exit(main())
