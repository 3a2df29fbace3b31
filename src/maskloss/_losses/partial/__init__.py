"""Losses made for labels of which some are missing, and what they share.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`, `_losses/binary`.
"""
