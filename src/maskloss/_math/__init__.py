"""Exact special functions of arrays, from which the formulas are composed.

They know nothing of labels, masks or losses.

May import: `_arrays`.
"""
