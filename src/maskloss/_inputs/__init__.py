"""Arguments in, safe entries out: options, dtypes, shapes, ranges and missing labels.

This package has every check of an argument that all losses share, with its error message.

May import: `_arrays`.
"""
