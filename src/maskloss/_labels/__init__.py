"""Tools for labels: weights from counts, encodings, tables, sampled negatives and scores.

May import: `_docstrings`, `_arrays`, `_inputs`, `_math`, `_evaluation`.
"""
