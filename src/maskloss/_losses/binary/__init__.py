"""Losses of independent binary labels.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`.
"""
