"""Exact special functions of arrays, which the formulas are composed of.

They know nothing of labels, masks or losses.

May import: `_arrays`.
"""
