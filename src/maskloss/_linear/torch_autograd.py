"""Run the loss of a linear layer in chunks, and give its gradients to torch autograd."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import torch

from .._arrays.numpy import xp as numpy_xp
from .._arrays.typing import Array
from .._evaluation.reduction import Reduction
from .._evaluation.sums import Sums
from .._evaluation.torch_eager import (
    as_numpy,
    as_tensors,
    is_in_memory,
    is_transformed,
    needs_graph,
    on_host,
    other_tensors,
)
from .._formula import Formula, Results, Wanted
from .._inputs.checked_call import CheckedCall
from .layer import Layer
from .products import Products
from .row_chunks import RowChunks, evaluate_row_chunks
from .whole import evaluate_whole_layer


def can_read(layer: Layer, checked: CheckedCall, wanted: Wanted) -> bool:
    """Return whether NumPy can read all tensors, and autograd wants first derivatives at most."""
    others = other_tensors(checked)
    is_shared = all(map(is_in_memory, [*layer.parameters, *others]))
    return is_shared and not (is_transformed() or needs_graph(layer.parameters, others, wanted))


def evaluate_tensors(
    layer: Layer, checked: CheckedCall, formula: Formula, wanted: Wanted
) -> Results:
    """Return the results as `evaluate_whole_layer` does."""
    checked = checked.savable()
    host = on_host(checked)
    host_layer = replace(
        layer.of([as_numpy(tensor) for tensor in layer.parameters]),
        xp=numpy_xp,
        dtype=host.dtype,
        products=_PRODUCTS,
    )
    if torch.is_grad_enabled() and any(tensor.requires_grad for tensor in layer.parameters):
        chunks = RowChunks(host_layer, host, formula, torch.get_num_threads())
        reduction = chunks.reduction(with_count=wanted.count)
        state = _BackwardState(layer, checked, formula, chunks, reduction)
        value = attach(state, state.value())
        count = as_tensors(reduction.count()) if wanted.count else None
        return Results(value=value if wanted.value else None, count=count)
    results = evaluate_row_chunks(host_layer, host, formula, wanted)
    return Results(
        value=as_tensors(results.value) if wanted.value else None,
        slope=_as_gradients(layer, results.slope) if wanted.slope else None,
        count=as_tensors(results.count) if wanted.count else None,
    )


def _write(a: Array, b: Array, into: Array) -> None:
    torch.mm(*map(torch.from_numpy, (a, b)), out=torch.from_numpy(into))


def _add(a: Array, b: Array, into: Array) -> None:
    torch.from_numpy(into).addmm_(*map(torch.from_numpy, (a, b)))


# These products run on torch's threads, with which the threads of NumPy's BLAS would compete.
_PRODUCTS = Products(_write, _add)


def _as_gradients(layer: Layer, arrays: Any) -> tuple[torch.Tensor, ...]:
    return layer.rounded([torch.from_numpy(array) for array in arrays])


class Backward:
    """The backward pass of a call."""

    def __init__(self, layer: Layer, checked: CheckedCall, formula: Formula) -> None:
        self.layer, self.checked, self._formula = layer, checked, formula

    def gradients(self, grad_output: torch.Tensor, wanted: list[bool]) -> list[torch.Tensor | None]:
        """Return the gradients by the parameters, times the gradient by each result."""
        raise NotImplementedError

    def differentiable_gradients(
        self, parameters: list[torch.Tensor], wanted: list[bool], grad_output: torch.Tensor
    ) -> list[torch.Tensor | None]:
        """Return the gradients with a graph, for higher derivatives."""
        with torch.enable_grad():
            layer = self.layer.of(parameters)
            value = evaluate_whole_layer(
                layer, self.checked, self._formula, Wanted(value=True)
            ).value
            if isinstance(value, Sums):
                value = value.total
            inputs = [tensor for tensor, given in zip(parameters, wanted, strict=True) if given]
            found = iter(torch.autograd.grad(value, inputs, grad_output, create_graph=True))
        return [next(found) if is_wanted else None for is_wanted in wanted]


class _BackwardState(Backward):
    """The chunks of a call, and the gradients kept for its backward pass."""

    def __init__(
        self,
        layer: Layer,
        checked: CheckedCall,
        formula: Formula,
        chunks: RowChunks,
        reduction: Reduction,
    ) -> None:
        super().__init__(layer, checked, formula)
        self._chunks, self._reduction = chunks, reduction
        self._gradients: dict[int, Array | None] = {}

    def value(self) -> Array | Sums:
        """Compute the value; if it is one number, also compute and keep the gradients."""
        is_one = self._reduction.gives_one_number
        wanted = [is_one and parameter.requires_grad for parameter in self.layer.parameters]
        total, gradients = self._chunks.run(wanted, self._reduction.scale(), with_value=True)
        if is_one:
            self._gradients = dict(enumerate(gradients))
        value: Array | Sums = as_tensors(self._reduction.result(total))
        return value

    def gradients(self, grad_output: torch.Tensor, wanted: list[bool]) -> list[torch.Tensor | None]:
        """Return the gradients by the parameters, times the gradient by each result."""
        tensors = self._take_kept(grad_output, wanted)
        if tensors is None:
            factor = self._reduction.spread(as_numpy(grad_output)) * self._reduction.scale()
            _, gradients = self._chunks.run(wanted, factor, with_value=False)
            tensors = [None if array is None else as_tensors(array) for array in gradients]
        return [
            None if tensor is None else tensor.to(parameter.dtype)
            for tensor, parameter in zip(tensors, self.layer.parameters, strict=True)
        ]

    def _take_kept(
        self, grad_output: torch.Tensor, wanted: list[bool]
    ) -> list[torch.Tensor | None] | None:
        """Return the kept gradients times `grad_output`, and drop them: they may be large.

        Return None if one is dropped already, or if `grad_output` is infinite: the gradient of a
        missing entry is 0, but 0 times infinity is NaN.
        """
        if not torch.isfinite(grad_output).all():
            return None
        # `pop` gives each gradient to one thread only.
        taken = [self._gradients.pop(k, None) if is_in else None for k, is_in in enumerate(wanted)]
        if any(is_in and array is None for is_in, array in zip(wanted, taken, strict=True)):
            return None
        return [None if array is None else as_tensors(array).mul_(grad_output) for array in taken]


def attach(state: Backward, value: Array | Sums) -> Array | Sums:
    """Return a value whose backward pass is that of `state`."""
    if isinstance(value, Sums):
        total = _Attach.apply(value.total, state, *state.layer.parameters)
        return value._replace(total=total)
    return _Attach.apply(value, state, *state.layer.parameters)


class _Attach(torch.autograd.Function):  # type: ignore[misc]
    """The node of the autograd graph that gives a value its gradients."""

    @staticmethod
    def forward(
        ctx: Any, value: torch.Tensor, state: Backward, *parameters: torch.Tensor
    ) -> torch.Tensor:
        # Saved so that autograd raises in the backward pass if a tensor has changed in place.
        ctx.save_for_backward(*parameters, *other_tensors(state.checked))
        ctx.state = state
        return value

    @staticmethod
    def backward(ctx: Any, grad_output: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        state, wanted = ctx.state, list(ctx.needs_input_grad[2:])
        parameters = list(ctx.saved_tensors[: len(wanted)])
        if torch.is_grad_enabled():
            return None, None, *state.differentiable_gradients(parameters, wanted, grad_output)
        return None, None, *state.gradients(grad_output, wanted)
