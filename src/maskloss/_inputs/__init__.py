"""CheckedCall in, safe entries out: options, dtypes, shapes, ranges and missing labels.

Every check of an argument that all losses share stands here, with its error message.

May import: `_arrays`.
"""
