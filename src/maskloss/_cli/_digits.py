"""Print numbers with a fixed number of significant digits, and counts with their noun."""

import math

__all__ = ["counted", "significant"]


def counted(number: int, noun: str) -> str:
    """Return a count and its noun, in the singular for 1."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def significant(value: float, digits: int = 3, *, sign: str = "-") -> str:
    """Return a number with a fixed number of significant digits.

    Parameters
    ----------
    value : float
        The number.
    digits : int, default: 3
        The number of digits; more are shown of a number below a million that has more before its
        point.
    sign : {"-", "+"}
        Whether to write the sign of positive numbers.

    Returns
    -------
    str
        The number, with an exponent if it is very small or very large.

    Examples
    --------
    >>> significant(0.0021), significant(0.00034), significant(0.75), significant(14.06)
    ('0.00210', '0.000340', '0.750', '14.1')
    """
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    # Rounding may carry 0.9998 to 1.00.
    place = int(f"{value:.{digits - 1}e}".partition("e")[2])
    if not -5 < place < 6:
        return f"{value:{sign}.{digits - 1}e}"
    return f"{value:{sign}.{max(digits - 1 - place, 0)}f}"
