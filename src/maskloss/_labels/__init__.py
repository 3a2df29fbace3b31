"""Tools for labels: weights counted from them, encodings, tables, sampling and scores.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_evaluation`.
"""
