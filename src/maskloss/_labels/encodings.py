"""The named conventions in which labels with missing values are published."""

from __future__ import annotations

import math
import textwrap
from typing import Literal, NamedTuple

Meaning = Literal["positive", "negative", "missing", "soft label", "class", "end"]


class Encoding(NamedTuple):
    """The meaning of each number in a convention, and the source of the convention.

    Attributes
    ----------
    source : str
        The publication, the code or the data sets that use the convention.
    positive, negative, missing : tuple of float
        The numbers with that meaning; NaN may be one of them.
    below_zero : str
        The meaning of all other negative numbers: ``"missing"``, ``"soft"`` if a number in [-1, 0)
        is minus a soft label, or ``""`` if they have no meaning.
    form : str
        ``"entries"``: one number per entry; ``"weights"``: one number per entry, and a weight of 0
        where the label is missing; ``"classes"``: class indices; ``"list"``: class indices of the
        positives of a row, ended by -1.
    """

    source: str
    positive: tuple[float, ...] = (1,)
    negative: tuple[float, ...] = (0,)
    missing: tuple[float, ...] = ()
    below_zero: Literal["", "missing", "soft"] = ""
    form: Literal["entries", "weights", "classes", "list"] = "entries"

    def meaning(self, number: float) -> Meaning | None:
        """Return the meaning of `number`, or None if the convention does not name it."""
        named: list[tuple[Meaning, tuple[float, ...]]] = [
            ("positive", self.positive),
            ("negative", self.negative),
            ("missing", self.missing),
        ]
        for meaning, numbers in named:
            if number in numbers or (math.isnan(number) and any(map(math.isnan, numbers))):
                return meaning
        if self.form in {"classes", "list"} and number >= 0 and number % 1 == 0:
            return "class"
        if self.form == "list" and number == -1:
            return "end"
        if self.below_zero == "soft":
            return "soft label" if -1 <= number < 0 else None
        return "missing" if self.below_zero and number < 0 else None

    def __str__(self) -> str:
        if self.form == "list":
            return "class indices of the positives of a row, ended by -1, all others negative"
        parts = []
        if self.form == "classes":
            parts.append("class indices")
        parts += [
            f"{' or '.join(f'{number:g}' for number in numbers)} {meaning}"
            for meaning, numbers in zip(self._fields[1:4], self[1:4], strict=True)
            if numbers
        ]
        if self.below_zero:
            parts.append(
                "[-1, 0) minus a soft label" if self.below_zero == "soft" else "below 0 missing"
            )
        if self.form == "weights":
            parts.append("`weight` 0 missing")
        return ", ".join(parts)


ENCODINGS = {
    "csl": Encoding(
        "Ben-Baruch et al., Multi-label Classification with Partial Annotations using Class-aware "
        "Selective Loss, CVPR 2022; labels for losses with ``ignore_index=-1`` use it as well",
        missing=(-1,),
    ),
    "spml": Encoding(
        "the code of Cole et al., Multi-Label Learning from Single Positive Labels, CVPR 2021",
        negative=(-1,),
        missing=(0,),
    ),
    "em_apl": Encoding(
        "the code of Zhou et al., Acknowledging the Unknown for Multi-label Learning with Single "
        "Positive Labels, ECCV 2022; the pseudo-labels count as observed",
        negative=(),
        missing=(0,),
        below_zero="soft",
    ),
    "voc": Encoding(
        "the image sets of PASCAL VOC, where 0 is a difficult object",
        negative=(-1,),
        missing=(0,),
    ),
    "nnpu": Encoding(
        "the code of Kiryo et al., Positive-Unlabeled Learning with Non-Negative Risk Estimator, "
        "NeurIPS 2017; nothing is negative",
        negative=(),
        missing=(-1,),
    ),
    "chexpert_blank_negative": Encoding(
        "Irvin et al., CheXpert, AAAI 2019: -1 is uncertain, and the authors take a blank, an "
        "observation that is not mentioned, for absent",
        negative=(0, math.nan),
        missing=(-1,),
    ),
    "chexpert_blank_missing": Encoding(
        "the same files, with an observation that is not mentioned taken for missing",
        missing=(-1, math.nan),
    ),
    "torchxrayvision": Encoding("the data sets of TorchXRayVision", missing=(math.nan,)),
    "deepchem": Encoding("the data sets of DeepChem, as y and w", form="weights"),
    "two_way": Encoding(
        "the code of Kobayashi, Two-way Multi-Label Loss, CVPR 2023", below_zero="missing"
    ),
    "ignore_index": Encoding(
        "the cross-entropy of PyTorch",
        positive=(),
        negative=(),
        missing=(-100,),
        form="classes",
    ),
    "index_list": Encoding(
        "the multi-label margin loss of PyTorch; numbers after the first -1 are ignored",
        positive=(),
        negative=(),
        form="list",
    ),
}


def unnamed_label(name: str, number: float) -> str:
    """Return the error message for a label that the encoding of this name does not name."""
    others = [
        f'"{other}" ({meaning})'
        for other, encoding in ENCODINGS.items()
        if (meaning := encoding.meaning(number))
    ]
    where = f"it occurs in {', '.join(others)}" if others else "nor does any other"
    return (
        f'`labels` hold {number:g}, which "{name}" does not name ({ENCODINGS[name]}); {where}; '
        f"choose the encoding of these labels, or mask them by hand"
    )


def documentation() -> str:
    """Return all encodings as a definition list for a docstring."""
    items = []
    for name, encoding in ENCODINGS.items():
        text = textwrap.wrap(f"{encoding}. From {encoding.source}.", 92, break_on_hyphens=False)
        items.append("\n    ".join([f'``"{name}"``', *text]))
    return "\n\n".join(items)
