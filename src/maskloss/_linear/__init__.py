"""Losses of a linear layer, computed in chunks of rows of its logits.

Start at `losses`, the public functions, and `evaluate`, which chooses how to run the chunks.

May import: `_arrays`, `_inputs`, `_formula`, `_evaluation`, `_loss`, `_losses/binary`,
`_losses/categorical`, `_losses/tokens`.
"""
