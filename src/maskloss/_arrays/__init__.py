"""The array libraries: what each of them does differently, and the functions built on that.

Only this package, the bridges named ``torch_*`` and ``jax_*`` and the public faces name a library.

May import: nothing.
"""
