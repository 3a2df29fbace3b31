"""The reduction of losses of the user's own formula.

May import: `_arrays`, `_inputs`, `_formula`, `_loss`.
"""
