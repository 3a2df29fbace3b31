"""The name of the class that a face of a framework makes of a loss."""

from __future__ import annotations

# Words that are spelled otherwise in the names of classes, as in those of torch and in papers.
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
    """Return the name of a class from that of a function: `hill_loss` gives ``HillLoss``."""
    words = function_name.removesuffix("_loss").split("_")
    return "".join(_SPELLINGS.get(word, word.capitalize()) for word in words) + "Loss"
