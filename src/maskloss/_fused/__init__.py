"""One compiled loop per loss: its formula, recorded on symbols and printed as source.

A formula runs once on symbols instead of arrays. What it computes with them is an expression, from
which a compiler makes a loop that reads and writes every array once. Where an entry is a row, a few
loops over its elements end in the sums and maxima that the next one needs.

May import: `_arrays`, `_formula`, `_inputs`.
"""
