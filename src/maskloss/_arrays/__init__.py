"""The array libraries: one namespace for each, and the functions that differ between them.

Only this package, the bridges named ``torch_*`` and ``jax_*`` and the public faces name a library.

May import: nothing.
"""
