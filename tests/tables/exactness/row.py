"""A loss with options, where to try it, and how exact it is."""

from collections.abc import Callable
from dataclasses import dataclass

from helpers.case import Case


@dataclass(frozen=True, eq=False)
class Row:
    """A loss with options, where to try it, and how exact it is.

    Attributes
    ----------
    points : callable
        ``points(finfo)`` gives predictions, labels and maybe keywords that go with them, a mask
        among them.
    epsilons : tuple of float
        The bounds of value, slope and curvature, 4 each unless the docstring of the loss says so.
    terms : callable, optional
        ``terms(x, y)`` gives arrays of the sizes of the largest terms of value, slope and
        curvature, where these are differences; it gets the keywords of `points` too. Those of a
        curvature are at least as large as the slope.
    """

    case: Case
    points: Callable
    epsilons: tuple = (4, 4, 4)
    terms: Callable | None = None
    name: str = ""


def row(loss, oracle, points, epsilons=(4, 4, 4), terms=None, *, axis=None, **options):
    return Row(
        Case(loss.__name__, loss, None, oracle, options, class_axis=axis), points, epsilons, terms
    )
