"""Problems with anything at all where nothing is observed."""

import numpy as np

from helpers.problems import Problem


def poisoned(problem, poison):
    """Fill all that is not observed with `poison`: all arrays but the mask."""
    case = problem.case
    x, y, mask, weight = case.arrays()
    known = {case.entry_shape(x): case.counted(mask, x.shape), x.shape: problem.along_rows(mask)}

    if case.has_pixel_indices:
        known[y.shape] = mask.any(case.options["class_axis"])

    def fill(array):
        array = np.asarray(array)
        return np.where(known[array.shape], array, _bad(array, poison))

    case = case.with_options({name: fill(case.options[name]) for name in case.lined_up(x.shape)})
    with np.errstate(over="ignore"):
        return Problem.of(problem.backend, case, fill(x), fill(y), mask, fill(weight))


def _bad(array, poison):
    """Return what `poison` makes of integers and bools, or else itself."""
    if array.dtype.kind == "b":
        return ~array
    if array.dtype.kind == "i":
        big = np.iinfo(np.int32).max
        return int(np.nan_to_num(poison, nan=-100, posinf=big, neginf=-big) % big)
    return poison
