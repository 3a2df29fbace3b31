"""Custom derivatives in eager torch: slope and curvature in closed form.

The second derivative of the composition would cancel in places. For a third derivative, autograd
differentiates the operations of the curvature. Derivatives by other arrays come from the
composition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import torch

from .._arrays.torch_private import active_transforms, are_functorch_transforms_active, layers
from .._arrays.typing import Array
from .._formula import Formula, Terms
from .._inputs.entries import Entries
from .torch_autograd import with_arrays

Function = Callable[..., Any]
Dims = tuple[int | None, ...]


def value_of(entries: Entries, formula: Formula, terms: Terms) -> Array:
    """Return the value per entry, with custom derivatives where second ones may be needed.

    Where other arrays need a gradient too, autograd differentiates each operation.
    """
    x, *tensors = [a for a in entries.arrays() if isinstance(a, torch.Tensor)]
    axes = entries.layout.row_axes
    is_possible = terms.along(axes) is not None and not any(map(_needs_gradient, tensors))
    if not (is_possible and _may_need_second_derivatives(x)):
        return terms.value()
    is_tensor = [isinstance(a, torch.Tensor) for a in entries.arrays()]
    bare = _without_tensors(entries)

    def terms_of(*tensors: Array) -> Terms:
        given = iter(tensors)
        pairs = zip(is_tensor, bare.arrays(), strict=True)
        return formula(bare.with_arrays([next(given) if is_one else a for is_one, a in pairs]))

    def value_and_slope(*arrays: Array) -> tuple[Array, Array]:
        terms = terms_of(*arrays)
        return terms.value(), terms.slope()

    def along(direction: Array, *arrays: Array) -> Array:
        product: Any = terms_of(*arrays).along(axes)
        return product(direction)

    rule = _Rule(
        value_and_slope,
        along,
        total=lambda array: torch.sum(array, axes, keepdim=True) if axes else array,
    )
    value: Array = _ValueAndSlope.apply(rule, x, *tensors)[0]
    return value


def _without_tensors(entries: Entries) -> Entries:
    """Return entries that keep no tensor: autograd frees those that it saves when it is done."""
    bare = entries.with_arrays(
        [None if isinstance(a, torch.Tensor) else a for a in entries.arrays()]
    )
    others = bare.checked.arrays.values()
    # Without prediction, labels, mask, weight and divisor.
    checked = with_arrays(bare.checked, [*[None] * 5, *others], is_placed=None)
    return replace(bare, checked=checked)


def _needs_gradient(tensor: Any) -> bool:
    return torch.is_grad_enabled() and any(each.requires_grad for each in layers(tensor))


def _may_need_second_derivatives(x: Any) -> bool:
    """Return whether reverse mode may be differentiated again, in forward mode at most once.

    Of forward over forward mode, torch (2.13) would lose what a custom rule adds, and return 0.
    """
    if not are_functorch_transforms_active():
        return _needs_gradient(x)
    modes = active_transforms()
    orders = modes.count("Grad") + modes.count("Jvp") + layers(x)[-1].requires_grad
    return orders > 1 and modes.count("Jvp") <= 1 and _needs_gradient(x)


class _Rule(NamedTuple):
    """Functions of the prediction and other tensors; `along` takes a direction before them."""

    value_and_slope: Function
    along: Function
    total: Function

    def batched(self, dims: Dims) -> _Rule:
        """Return the rule of a batch, whose results have it as their first axis."""
        return _Rule(
            torch.vmap(self.value_and_slope, dims),
            torch.vmap(self.along, (0, *dims)),
            torch.vmap(self.total),
        )

    def composed(self, x: Array, *others: Array) -> tuple[Array, Array]:
        """Return the value, and the derivative of its operations."""

        def value(x: Array) -> tuple[Array, Array]:
            each: Array = self.value_and_slope(x, *others)[0]
            return each.sum(), each

        slope, each = torch.func.grad(value, has_aux=True)(x)
        return each, slope


class _ValueAndSlope(torch.autograd.Function):  # type: ignore[misc]
    """The value per entry, and the slope, from which `backward` makes the value's derivative."""

    @staticmethod
    def forward(rule: _Rule, *tensors: Array) -> tuple[Array, ...]:
        results = rule.value_and_slope(*tensors)
        # Not an input itself, which torch (2.13) refuses to save.
        return tuple(r.clone() if any(r is each for each in tensors) else r for r in results)

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.set_materialize_grads(False)  # None where there is no tangent
        ctx.rule, *tensors = inputs
        saved = (output[1], *tensors)
        ctx.save_for_backward(*saved)
        ctx.save_for_forward(*saved)

    @staticmethod
    def backward(
        ctx: Any, by_value: Array | None, by_slope: Array | None
    ) -> tuple[Array | None, ...]:
        slope, *tensors = ctx.saved_tensors
        parts = [] if by_value is None else [slope * by_value]
        if by_slope is not None:
            parts.append(ctx.rule.along(by_slope, *tensors))
        gradient = sum(parts[1:], start=parts[0]) if parts else None
        return None, gradient, *[None] * (len(tensors) - 1)

    @staticmethod
    def jvp(ctx: Any, _: None, *tangents: Array | None) -> tuple[Array, ...]:
        slope, *tensors = ctx.saved_tensors
        by_x, *by_others = tangents
        changes = [_changes_by_others(ctx.rule, tensors, by_others)]
        if by_x is not None:
            changes.append((ctx.rule.total(slope * by_x), ctx.rule.along(by_x, *tensors)))
        first, *more = [each for each in changes if each is not None]
        return tuple(map(sum, zip(first, *more, strict=True))) if more else first

    # Not the rule that torch (2.13) generates, which fails where a tangent is None.
    @staticmethod
    def vmap(info: Any, dims: Dims, rule: _Rule, x: Array, *others: Array) -> tuple[Any, Any]:
        _, dim, *rest = dims
        x = x.expand(info.batch_size, *x.shape) if dim is None else x.movedim(dim, 0)
        return _ValueAndSlope.apply(rule.batched((0, *rest)), x, *others), (0, 0)


def _changes_by_others(
    rule: _Rule, tensors: list[Array], tangents: list[Array | None]
) -> tuple[Array, ...] | None:
    """Return the changes of value and slope along tangents of all tensors but the prediction."""
    x, *others = tensors
    active = [k for k, tangent in enumerate(tangents) if tangent is not None]
    if not active:
        return None

    def of_active(*given: Array) -> Any:
        named = dict(zip(active, given, strict=True))
        return rule.composed(x, *(named.get(k, each) for k, each in enumerate(others)))

    points, directions = (tuple(each[k] for k in active) for each in (others, tangents))
    # Twice in reverse, as plain forward mode (torch 2.13) cannot be nested.
    results, pull = torch.func.vjp(of_active, *points)
    _, push = torch.func.vjp(pull, tuple(map(torch.zeros_like, results)))
    (changes,) = push(directions)
    return tuple(changes)
