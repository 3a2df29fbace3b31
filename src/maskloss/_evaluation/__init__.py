"""Compute the reduced value of a call, and its derivatives, from its formula.

Start at `evaluate`. It asks `choose` which evaluator computes the call. That depends first on how
the library computes with the prediction: the method `mode` of each namespace in `_arrays`.

- `whole` arrays, with the functions of their library;
- `chunks` of eager arrays outside the host's memory, or compiled kernels of them, `torch_kernels`;
- in the host's memory, `blocks` of observed entries, by `block_evaluator`. They have the sizes of
  `block_size` and run in `threads`; `fused_blocks` computes them by compiled loops.

Eager tensors of torch reach blocks by the bridge `torch_eager`, and chunks and kernels by
`torch_device`. Both keep the slopes for the backward pass (`torch_slopes`) and attach them to the
value (`torch_autograd`).

The value of whole arrays has the slope of the formula, for automatic differentiation:
`torch_compile` gives it under `torch.compile`, `jax_custom_jvp` in a trace of JAX, and
`torch_second_derivatives` in eager torch, where a second derivative may be needed.
`whole._differentiable` decides which calls have such a slope.

`reduction` makes the results of all of them from sums and counts. `groups` and `sparse_labels` turn
calls with sequences or with labels at some positions into plain ones.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_fused`.
"""
