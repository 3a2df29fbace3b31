"""The dtypes, layouts and shapes from which calls are made.

Eager JAX compiles each operation for each dtype and shape, in 50 ms and a megabyte of memory (JAX
0.10), while a call whose operations are compiled takes 15 ms. So its calls come in series, each of
which has few dtypes and sizes.
"""

from dataclasses import dataclass

import numpy as np

from fuzz.shapes import AnyShapes, FewShapes

MASKS = ["bool", "bool", "int32", "uint8", "float32"]
INTEGERS = ["int8", "int16", "int32", "int64"]
LAYOUTS = ["plain", "transposed", "strided", "reversed"]

SERIES = 20_000


@dataclass
class Palette:
    """Names of dtypes and layouts, and the shapes, among which each call chooses."""

    floats: list
    integers: list
    unsigned: list
    masks: list
    layouts: list
    shapes: object


def palette_of(backend, seed, number):
    """Return the palette of the call of this number."""
    if backend.name != "jax":
        return Palette(
            list(backend.dtypes), INTEGERS, ["uint8"], MASKS, LAYOUTS, AnyShapes(most_axes=4)
        )
    series, dtypes = number // SERIES, backend.dtypes
    rng = np.random.default_rng([seed, series, 1])
    return Palette(
        [dtypes[series % len(dtypes)], str(rng.choice(dtypes))],
        rng.choice(INTEGERS, 1).tolist(),
        ["uint8"] * int(rng.integers(2)),
        ["bool", str(rng.choice(MASKS))],
        ["plain"],
        FewShapes(rng, most_axes=int(rng.choice([2, 2, 3]))),
    )


def forget_series(number):
    """Free what JAX compiled for the calls before this one, if it begins a series."""
    import jax

    if number % SERIES == 0:
        jax.clear_caches()
