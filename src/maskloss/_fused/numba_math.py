"""Elementary functions as plain arithmetic, which a compiler makes wide instructions of.

Numba 0.68 has no `exp` and no `log1p` of several numbers at once. Each function here has an error
of less than 2 epsilons. Of all float32 numbers it is at most 0.78 for exp, 1.12 for expm1, 0.69 for
log, 1.13 for log1p, 1.30 for log1p_of_unit. REAL and INTEGER in the source stand for a dtype and
the integers of its width.

W. J. Cody, W. Waite, Software Manual for the Elementary Functions, 1980.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from .numba_series import EXP, LOG, UNIT, polynomial


class _Width(NamedTuple):
    """What depends on the number of bits.

    Attributes
    ----------
    mantissa, bias : int
        The number of bits of the mantissa, and what is added to an exponent.
    high, low : float
        log(2) as a number with few bits, and the rest of it.
    least, most : float
        The range beyond which exp is 0 or infinite.
    """

    real: str
    integer: str
    mantissa: int
    bias: int
    high: float
    low: float
    least: float
    most: float


_WIDTHS = {
    "float32": _Width(
        "np.float32",
        "np.int32",
        23,
        127,
        0.693359375,
        -2.1219444005469058e-4,
        -104.0,
        89.0,
    ),
    "float64": _Width(
        "np.float64",
        "np.int64",
        52,
        1023,
        float.fromhex("0x1.62e42feep-1"),
        float.fromhex("0x1.a39ef35793c76p-33"),
        -746.0,
        710.0,
    ),
}

_SERIES = {"exp_series": EXP, "log_series": LOG, "unit_series": UNIT}
# The order is that of their calls.
_SOURCES = {
    "power_of_2": """
def power_of_2(k):
    return INTEGER(INTEGER(k + INTEGER({bias})) << INTEGER({mantissa})).view(REAL)
""",
    "reduced": """
def reduced(x):
    z = x if x > REAL({least}) else REAL({least})
    z = z if z < REAL({most}) else REAL({most})
    shifted = z * REAL({per_log2!r}) + REAL({shift!r})
    k = shifted - REAL({shift!r})
    r = (z - k * REAL({high!r})) - k * REAL({low!r})
    return r, INTEGER(REAL(shifted).view(INTEGER) - REAL({shift!r}).view(INTEGER))
""",
    "scaled": """
def scaled(a, b, k):
    first = k if k > INTEGER(1 - {bias}) else INTEGER(1 - {bias})
    first = first if first < INTEGER({bias}) else INTEGER({bias})
    scale = power_of_2(first)
    return (scale * a + scale * b) * power_of_2(INTEGER(k - first))
""",
    "exp": """
def exp(x):
    r, k = reduced(x)
    result = scaled(REAL(1), r + r * r * exp_series(r), k)
    return result if x == x else x
""",
    "expm1": """
def expm1(x):
    r, k = reduced(x)
    small = r + r * r * exp_series(r)
    least = INTEGER(1 - {bias})
    half = power_of_2(INTEGER(k - INTEGER(1)) if k > least else least)
    result = REAL(2) * (half * small + (half - REAL(0.5)))
    return result if x == x else x
""",
    "log": """
def log(x):
    is_tiny = x < REAL({tiny!r})
    wide = x * REAL({widening!r}) if is_tiny else x
    bits = INTEGER(REAL(wide).view(INTEGER) - REAL({root_half!r}).view(INTEGER))
    k = INTEGER(bits >> INTEGER({mantissa}))
    f = INTEGER(REAL(wide).view(INTEGER) - INTEGER(k << INTEGER({mantissa}))).view(REAL) - REAL(1)
    k = REAL(k) - (REAL({mantissa}) if is_tiny else REAL(0))
    s = f / (f + REAL(2))
    z = s * s
    half = REAL(0.5) * f * f
    rest = half - (s * (half + z * log_series(z)) + k * REAL({low!r}))
    result = k * REAL({high!r}) - (rest - f)
    result = result if x < REAL(np.inf) else x
    result = result if x > REAL(0) else (REAL(-np.inf) if x == REAL(0) else REAL(np.nan))
    return result
""",
    "log1p_of_unit": """
def log1p_of_unit(x):
    return x - x * x * unit_series(x)
""",
    "log1p": """
def log1p(x):
    total = REAL(1) + x
    lost = (x - (total - REAL(1))) / total
    return log(total) + (lost if total < REAL(np.inf) and total != REAL(0) else REAL(0))
""",
    "flipped": """
def flipped(bits):
    return INTEGER(bits ^ INTEGER(INTEGER(bits >> INTEGER({sign_bit})) & {most_integer}))
""",
    "count_of": """
def count_of(observed):
    count = np.int32(0)  # of a part, whose entries are few
    for k in range(observed.size):
        count = np.int32(count + np.int32(observed[k]))
    return count
""",
    "total": """
def total(row):
    size = row.size
    while size > 1:
        half = (size + 1) // 2
        into, rest = row[: size - half], row[half:size]
        for j in range(into.size):
            into[j] += rest[j]
        size = half
    return row[0]
""",
}
# Calls that take longer than to store a number and read it again.
SLOW = {"exp", "expm1", "log", "log1p", "log1p_of_unit"}
_NEEDS = {
    "exp": ("exp_series", "power_of_2", "reduced", "scaled"),
    "expm1": ("exp_series", "power_of_2", "reduced"),
    "log": ("log_series",),
    "log1p": ("log_series", "log"),
    "log1p_of_unit": ("unit_series",),
}
_HEADER = """\
import math

import numpy as np
from numba import njit

"""
DECORATOR = '@njit(nogil=True, error_model="numpy", fastmath={"contract"})'


def functions(names: Sequence[str], dtype: str) -> str:
    """Return the source of a module with some functions, and those that they call."""
    width = _WIDTHS[dtype]
    wanted = {needed for name in names for needed in (*_NEEDS.get(name, ()), name)}
    constants = _constants(width)
    series = {name: f"\n{polynomial(name, of[dtype])}\n" for name, of in _SERIES.items()}
    sources = series | {name: each.format(**constants) for name, each in _SOURCES.items()}
    printed = [f"{DECORATOR}{each}" for name, each in sources.items() if name in wanted]
    return _HEADER + in_dtype("\n".join(printed), dtype)


def in_dtype(source: str, dtype: str) -> str:
    """Return a source with REAL and INTEGER replaced."""
    width = _WIDTHS[dtype]
    return source.replace("REAL", width.real).replace("INTEGER", width.integer)


def _constants(width: _Width) -> dict[str, object]:
    tiny = 2.0 ** (1 - width.bias)
    return {
        **width._asdict(),
        "per_log2": 1 / math.log(2),
        "shift": 1.5 * 2.0**width.mantissa,
        "tiny": tiny,
        "sign_bit": (2 * width.bias << width.mantissa).bit_length(),
        "most_integer": f"np.iinfo({width.integer}).max",
        "widening": 2.0**width.mantissa,
        "root_half": math.sqrt(0.5),
    }
