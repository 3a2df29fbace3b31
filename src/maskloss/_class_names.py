"""The names of the classes of losses, in `maskloss.torch` and `maskloss.keras`."""

from __future__ import annotations

# Words whose spelling in names of classes follows torch or the papers.
_SPELLINGS = {
    "bce": "BCE",
    "kl": "KL",
    "mse": "MSE",
    "multilabel": "MultiLabel",
    "nll": "NLL",
    "nnpu": "NNPU",
    "role": "ROLE",
    "splc": "SPLC",
    "zlpr": "ZLPR",
}


def class_name(function_name: str) -> str:
    """Return the class name of a function: ``HillLoss`` for `hill_loss`."""
    words = function_name.removesuffix("_loss").split("_")
    return "".join(_SPELLINGS.get(word, word.capitalize()) for word in words) + "Loss"
