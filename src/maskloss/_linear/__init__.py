"""Losses of a linear layer, computed in chunks of its logits.

Start at `losses`, the public functions, and `evaluate`, which chooses how the chunks run.

May import: `_arrays`, `_inputs`, `_formula`, `_evaluation`, `_loss`, `_losses/binary`,
`_losses/categorical`.
"""
