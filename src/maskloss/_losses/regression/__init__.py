"""Losses of real-valued targets, which may be censored.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`.
"""
