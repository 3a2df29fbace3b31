"""Compute the reduced value of a call, and its derivatives, from its formula.

Start at `evaluate`. It asks `choose` which evaluator computes the call: `whole` arrays; `chunks` of
eager arrays outside the host's memory, or compiled kernels of them (`torch_kernels`); or, in the
host's memory, `blocks` of observed entries. Blocks have the sizes of `block_size`, and
`fused_blocks` computes them by compiled loops. Under `torch.compile` and in a trace of JAX, `whole`
gives the slope of the formula to the automatic differentiation, by `torch_compile` and
`jax_custom_jvp`; which calls have such a slope is decided in `whole._differentiable`.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_fused`.
"""
