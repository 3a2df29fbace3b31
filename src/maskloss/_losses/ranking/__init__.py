"""Losses of lists of items with relevance labels, and the code that they share.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_formula`, `_loss`.
"""
