"""From a formula and checked arguments to the reduced value and its derivatives.

Start at `evaluate`, which chooses an evaluator: `whole` arrays, or `blocks` of observed entries.

May import: `_arrays`, `_inputs`, `_math`, `_formula`, `_fused`.
"""
