"""The namespace whose functions take symbols: a dozen primitives, and compositions of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._arrays.fusable import Fusable
from .._arrays.namespace import Namespace
from .symbols import NotRecordableError, Symbol


class Recorder(Fusable):
    """Takes symbols where `like` takes arrays; knows of dtypes what `like` knows.

    Nothing differentiates an expression, so formulas take the forms with the fewest operations.
    """

    differentiates = False
    has_kernels = True
    is_host = False
    shares_steps = True

    def __init__(self, like: Namespace) -> None:
        self.finfo, self.isdtype, self.bool = like.finfo, like.isdtype, like.bool
        self.index_dtype = like.index_dtype
        self.wrong: list[Symbol] = []

    def __getattr__(self, name: str) -> Any:
        raise NotRecordableError(name)

    def mode(self, array: Any) -> str:  # noqa: ARG002
        """Return "other": no compiler differentiates the formula."""
        return "other"

    def is_readable(self, array: Any) -> bool:  # noqa: ARG002
        """Return False: a symbol has no value."""
        return False

    def note_wrong(self, is_wrong: Callable[[], Symbol]) -> None:
        """Take note of a condition that the formula refuses."""
        self.wrong.append(is_wrong())

    def stop_gradient(self, array: Symbol) -> Symbol:
        """Return the symbol."""
        return array

    def recompute(self, array: Symbol) -> Symbol:
        """Return the symbol."""
        return array

    def number_like(self, value: float, dtype: object, like: Symbol) -> Symbol:  # noqa: ARG002
        """Return a number as a symbol."""
        return like.constant(value)

    def full_like(self, array: Symbol, value: float) -> Symbol:
        """Return a number as a symbol."""
        return array.constant(value)

    def zeros_like(self, array: Symbol) -> Symbol:
        """Return 0."""
        return array.constant(0.0)

    def ones_like(self, array: Symbol) -> Symbol:
        """Return 1."""
        return array.constant(1.0)

    def astype(self, array: Symbol, dtype: object, *, copy: bool = True) -> Symbol:  # noqa: ARG002
        """Return a symbol as a number; a bool is 0 or 1."""
        if array.is_bool and dtype != self.bool:
            return self.where(array, array.constant(1.0), 0.0)
        if array.node.is_index and dtype == array.graph.dtypes[0]:
            return array.apply("float")
        if array.dtype != dtype:
            msg = f"a cast to {dtype}"
            raise NotRecordableError(msg)
        return array

    # Primitives

    def where(self, condition: Symbol, first: Any, second: Any) -> Symbol:
        """Return `first` where the condition holds, else `second`."""
        nodes = [each.node for each in (first, second) if isinstance(each, Symbol)]
        is_bool, is_index = (any(node[k] for node in nodes) for k in (2, 3))
        return condition.apply("where", first, second, is_bool=is_bool, is_index=is_index)

    def logical_and(self, a: Symbol, b: Symbol) -> Symbol:
        """Return a & b."""
        return a & b

    def logical_or(self, a: Symbol, b: Symbol) -> Symbol:
        """Return a | b."""
        return a | b

    def logical_not(self, a: Symbol) -> Symbol:
        """Return ~a."""
        return ~a

    def abs(self, x: Symbol) -> Symbol:
        """Return abs(x)."""
        return x.apply("abs")

    def exp(self, x: Symbol) -> Symbol:
        """Return exp(x)."""
        return x.apply("exp")

    def expm1(self, x: Symbol) -> Symbol:
        """Return exp(x) - 1."""
        return x.apply("expm1")

    def log(self, x: Symbol) -> Symbol:
        """Return log(x)."""
        return x.apply("log")

    def log1p(self, x: Symbol) -> Symbol:
        """Return log(1 + x)."""
        return x.apply("log1p")

    def log1p_of_unit(self, x: Symbol) -> Symbol:
        """Return log(1 + x) for x in [0, 1]."""
        return x.apply("log1p_of_unit")

    def sqrt(self, x: Symbol) -> Symbol:
        """Return the square root."""
        return x.apply("sqrt")

    def round(self, x: Symbol) -> Symbol:
        """Return the nearest integer."""
        return x.apply("round")

    def signbit(self, x: Symbol) -> Symbol:
        """Return whether the sign bit is set."""
        return x.apply("signbit", is_bool=True)

    def copysign(self, size: Symbol, x: Symbol) -> Symbol:
        """Return `size` with the sign bit of x."""
        return size.apply("copysign", x)

    # Compositions

    def isnan(self, x: Symbol) -> Symbol:
        """Return whether x is NaN."""
        return x != x  # noqa: PLR0124

    def isinf(self, x: Symbol) -> Symbol:
        """Return whether x is infinite."""
        return self.abs(x) == float("inf")

    def relu(self, x: Symbol) -> Symbol:
        """Return max(0, x), and NaN for NaN."""
        return self.where(x <= 0, 0.0, x)

    def maximum(self, a: Symbol, b: Any) -> Symbol:
        """Return the larger number, and NaN if one is."""
        larger = self.where(a > b, a, b)
        return self.where(self.isnan(a), a, larger)

    def clip(self, x: Symbol, low: float, high: float) -> Symbol:
        """Clip x to [low, high]; NaN stays NaN."""
        return self.where(x < low, low, self.where(x > high, high, x))

    def signs(self, x: Symbol) -> Symbol:
        """Return -1, 0 or 1, and NaN for NaN."""
        return self.where(x > 0, 1.0, self.where(x < 0, -1.0, 0.0 * x))

    def minus_abs(self, x: Symbol) -> Symbol:
        """Return -abs(x)."""
        return -self.abs(x)

    def is_positive_minus(self, x: Symbol, array: Symbol) -> Symbol:
        """Return 1 - array where the sign bit of x is 0, and -array elsewhere."""
        return self.where(self.signbit(x), -array, 1 - array)

    def softplus(self, x: Symbol) -> Symbol:
        """Return log(1 + exp(x))."""
        if x.is_minus_abs:
            return self.log1p_of_unit(self.exp(x))
        return self.relu(x) + self.log1p_of_unit(self.exp(self.minus_abs(x)))

    def sigmoid(self, x: Symbol) -> Symbol:
        """Return 1 / (1 + exp(-x))."""
        small = self.exp(x if x.is_minus_abs else self.minus_abs(x))
        largest = 1 / (1 + small)
        return small * largest if x.is_minus_abs else self.where(x <= 0, small, 1.0) * largest

    def tanh(self, x: Symbol) -> Symbol:
        """Return the hyperbolic tangent."""
        below = self.expm1(-2 * self.abs(x))
        return self.copysign(-below / (2 + below), x)

    def pow(self, x: Symbol, exponent: float) -> Symbol:
        """Return x**exponent for a small integer, by products."""
        if exponent not in range(9):
            msg = f"a power of {exponent}"
            raise NotRecordableError(msg)
        if exponent <= 1:
            return x if exponent else x.constant(1.0)
        half = self.pow(x, exponent // 2)
        return half * half * x if exponent % 2 else half * half


class ComposedRecorder(Recorder):
    """The same for the forms that other arrays take: more operations, but any power."""

    differentiates = True
    has_kernels = False
