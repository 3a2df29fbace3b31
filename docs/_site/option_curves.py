"""What the options of a loss do: its curve at a few numbers of each option."""

import math
from dataclasses import dataclass

import numpy as np

from _site.calls import Curve, curves


@dataclass(frozen=True)
class Family:
    """The curves of a loss for one label, by the numbers of one option."""

    option: str
    label: str
    curves: dict[float, Curve]


def families(record):
    """Return a family for each option that takes a number and changes the loss."""
    found = []
    for name, parameter in record.options.items():
        default = 0.4 if parameter.default is parameter.empty else parameter.default
        if _is_number(default) and "axis" not in name and "size" not in name:
            found += _family(record, name, default)
    return found


def _is_number(value):
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _family(record, name, default):
    """Return the family of one option, for the label whose curve changes most."""
    by_number = {}
    for number in _numbers(default):
        try:
            by_number[number] = {curve.name: curve for curve in curves(record, **{name: number})}
        except NotImplementedError:
            continue  # no call of the loss takes this number
    if len(by_number) < 2:
        return []
    first, *others = by_number.values()
    common = [label for label in first if all(label in found for found in others)]
    changes = {
        label: _change([found[label] for found in by_number.values()])
        for label in common
        if label != "missing"
    }
    label = max(changes, key=changes.get)
    if changes[label] < 1e-6:
        return []
    return [Family(name, label, {number: found[label] for number, found in by_number.items()})]


def _numbers(default):
    """Return the default, one number below it and one above it."""
    near = (0.1, 0.3) if default == 0 else (0.5 * default, 2 * default)
    whole = isinstance(default, int)
    return sorted({default, *(int(n) for n in near if n == int(n))} if whole else {default, *near})


def _change(found):
    values = np.asarray([curve.value for curve in found])
    return float(np.ptp(values, axis=0).max())
