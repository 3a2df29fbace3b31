"""The array libraries: one namespace for each, and the functions that differ between them.

Only this package, the bridges named ``torch_*``, ``jax_*`` and ``numba_*``, and the public faces
name a library. Three files of words and tables name NumPy; a test lists them with reasons.

May import: nothing.
"""
