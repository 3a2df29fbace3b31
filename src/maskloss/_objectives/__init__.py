"""Train several heads at once: a loss per head, their weights, and the weighted total.

May import: `_arrays`, `_inputs`, `_formula`, `_evaluation`, `_registry`, `_losses/regression`.
"""
