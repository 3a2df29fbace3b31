"""Losses of mutually exclusive classes, and the code that they share.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`, `_losses/binary`.
"""
