"""The classes of losses in `maskloss.torch` and `maskloss.keras`: names, and how they are found."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from typing import Any

# Words whose spelling in names of classes follows torch or the papers.
_SPELLINGS = {
    "bce": "BCE",
    "crps": "CRPS",
    "kl": "KL",
    "kto": "KTO",
    "mle": "MLE",
    "mse": "MSE",
    "multilabel": "MultiLabel",
    "nll": "NLL",
    "nnpu": "NNPU",
    "orpo": "ORPO",
    "role": "ROLE",
    "splc": "SPLC",
    "zlpr": "ZLPR",
}


def class_name(function_name: str) -> str:
    """Return the class name of a function: ``HillLoss`` for `hill_loss`."""
    words = function_name.removesuffix("_loss").split("_")
    return "".join(_SPELLINGS.get(word, word.capitalize()) for word in words) + "Loss"


def attributes(
    module: str, classes: Callable[[], Mapping[str, type]], others: Iterable[Any]
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a module with classes of losses, and with others."""

    def names() -> list[str]:
        return sorted({*classes(), *(public.__name__ for public in others)})

    def find(name: str) -> object:
        if name == "__all__":
            return names()
        known = classes()
        if name in known:
            return known[name]
        msg = f"module {module!r} has no attribute {name!r}"
        raise AttributeError(msg, name=name, obj=sys.modules[module])

    return find, lambda: sorted({*vars(sys.modules[module]), *names()})
