"""Losses for incomplete labels, on every array library."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._public import *  # noqa: F403
    from ._public import __all__ as __all__

__version__ = "0.1.0"

# Hidden from type checkers, which would accept a misspelt name as an `object`.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load all public names on the first access, so that an import takes almost no time."""
        if not name.startswith("_") or name == "__all__":
            public = _load()
            if name in public:
                return public[name]
        import sys

        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*globals(), *_load()})


def _load() -> dict[str, object]:
    from . import _public

    if not hasattr(_public, "__all__"):
        msg = (
            "maskloss is being imported, and this access interrupts that, as a signal handler can; "
            "access a loss, such as maskloss.mse_loss, before the handler is set"
        )
        raise ImportError(msg)
    names = {name: getattr(_public, name) for name in ("__all__", *_public.__all__)}
    for name, value in names.items():
        globals().setdefault(name, value)  # keeps the patches of tests
    return names


del TYPE_CHECKING
