"""``maskloss doctor``: the array libraries installed here, compared with NumPy."""

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table as Grid
from rich.text import Text

from .. import _public as ml
from .._arrays.support import BACKENDS, Backend
from .._inputs.domain import UNIT, Domain
from .._public import records
from .._registry import LossRecord
from .._signatures import takes_array
from ._table import Floats
from ._terminal import standard_output

__all__ = ["run"]

TOLERANCE = 16.0
SHAPE = (64, 10)


@dataclass(frozen=True)
class _Finding:
    """How one library compares with NumPy on one loss.

    A difference is divided by the larger of NumPy's number and 1, in float32 epsilons.
    """

    loss: str
    value: float = np.inf
    gradient: float = np.inf
    failure: str = ""

    @property
    def agrees(self) -> bool:
        # Each on its own: `max` of Python drops a NaN that is not first.
        return self.value <= TOLERANCE and self.gradient <= TOLERANCE


def run(_: argparse.Namespace) -> int:
    """Compare every loss on every library, print a table, and return 1 on a disagreement."""
    findings = {
        backend: [_compare(backend, record) for record in _losses()]
        for backend in BACKENDS
        if backend.is_installed
    }
    grid = Grid(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), title_justify="left")
    for name in ("library", "version"):
        grid.add_column(name, no_wrap=True)
    for name in ("value", "gradient"):
        grid.add_column(name, justify="right")
    grid.add_column("against NumPy")
    for backend in BACKENDS:
        grid.add_row(*_cells(backend, findings.get(backend)))
    with standard_output():
        Console(highlight=False).print("Largest difference from NumPy, in float32 epsilons", grid)
    agrees = all(finding.agrees for found in findings.values() for finding in found)
    return 0 if agrees else 1


def _losses() -> list[LossRecord]:
    """Return the losses of two arrays."""
    return [record for record in records() if record.inputs is not None]


def _compare(backend: Backend, record: LossRecord) -> _Finding:
    differentiate, name = ml.value_and_grad(record.function), record.name
    worst = [0.0, 0.0]
    for arrays in _arguments(record):
        for reduction in ("none", "mean"):
            expected = differentiate(**arrays, reduction=reduction)
            try:
                theirs = {
                    key: backend.asarray(value) if isinstance(value, np.ndarray) else value
                    for key, value in arrays.items()
                }
                found = differentiate(**theirs, reduction=reduction)
                differences = [_epsilons(*pair) for pair in zip(found, expected, strict=True)]
            except Exception as error:  # noqa: BLE001 - whatever a library raises is the finding
                return _Finding(name, failure=f"{type(error).__name__}: {error}")
            worst = np.maximum(worst, differences).tolist()
    return _Finding(name, value=worst[0], gradient=worst[1])


def _arguments(record: LossRecord) -> list[dict[str, Any]]:
    """Return arguments that the loss accepts; missing entries are NaN, to show any effect."""
    assert record.inputs is not None
    rng = np.random.default_rng(0)
    (x, y), domains = record.inputs.names, record.inputs.domains
    candidates = [
        {x: prediction, y: labels, "mask": mask, **required}
        for required in _required(record, rng)
        for prediction, labels, mask in _candidates(rng, *domains)
    ]
    taken = [arguments for arguments in candidates if _takes(record, arguments)]
    if not taken:
        msg = f"no known arguments fit {record.name}"
        raise NotImplementedError(msg)
    return taken


def _required(record: LossRecord, rng: np.random.Generator) -> Iterator[dict[str, Any]]:
    """Yield keywords without a default: numbers per entry, ones, or a matrix of probabilities."""
    classes = SHAPE[1]
    of_entries, matrix = rng.uniform(1, 2, SHAPE), 0.5 * np.eye(classes) + 0.5 / classes
    for numbers in (of_entries, np.ones(SHAPE), matrix) if record.required else (of_entries,):
        yield {
            name: numbers.astype(np.float32) if takes_array(p.annotation) else 0.4
            for name, p in record.required.items()
        }


def _candidates(
    rng: np.random.Generator, prediction: Domain, label: Domain
) -> Iterator[tuple[Any, Any, Any]]:
    """Yield predictions, labels and masks, for entries that are elements and that are rows."""
    mask = rng.random(SHAPE) < 0.8
    x, y = _draw(rng, prediction), _draw(rng, label)
    # Not equal, as many equal losses add up with an error of one sign.
    shares, others = _draw(rng, UNIT), _draw(rng, UNIT)
    for numbers, labels in ((x, y), (x, shares), (others, shares)):
        gap = np.float32(np.nan)
        yield np.where(mask, numbers, gap), np.where(mask, labels, gap), mask
    rows = mask[:, 0]
    x = np.where(rows[:, None], x, np.float32(np.nan))
    yield x, np.where(rows, rng.integers(SHAPE[1], size=rows.shape), -100), rows
    yield x, shares / shares.sum(axis=-1, keepdims=True), rows
    pairs = slice(None), slice(2)
    yield -np.abs(x[pairs]), y[pairs], rows[:, None]
    lists = np.where(rng.random(SHAPE) < 0.3, np.arange(SHAPE[1]), -1)
    yield x, lists, rows[:, None]
    classes = rng.integers(SHAPE[1], size=rows.shape)
    yield x, np.eye(SHAPE[1], dtype=np.float32)[classes], rows


def _takes(record: LossRecord, arguments: Mapping[str, Any]) -> bool:
    try:
        record.function(**arguments)
    except (TypeError, ValueError):
        return False
    return True


def _draw(rng: np.random.Generator, domain: Domain) -> Any:
    if domain.values:
        return rng.choice(np.asarray(domain.values, np.float32), SHAPE)
    low, high = domain.low, domain.high
    bounded = np.isfinite(low) and np.isfinite(high)
    numbers = rng.uniform(low, high, SHAPE) if bounded else rng.normal(scale=3.0, size=SHAPE)
    return np.clip(numbers, low, high).astype(np.float32)


def _epsilons(found: Any, expected: Floats) -> float:
    exact, numbers = (np.asarray(array, dtype=np.float64) for array in (expected, found))
    if numbers.shape != exact.shape:  # broadcast, they might agree
        msg = f"the shape is {numbers.shape}, not {exact.shape}"
        raise ValueError(msg)
    difference = np.abs(numbers - exact)
    return float(np.max(difference / np.maximum(np.abs(exact), 1)) / np.finfo(np.float32).eps)


def _cells(backend: Backend, findings: list[_Finding] | None) -> list[Text | str]:
    if findings is None:
        return [backend.name, "-", "-", "-", Text("not installed", style="dim")]
    worst = np.max([[f.value, f.gradient] for f in findings], axis=0).tolist()
    wrong = [f"{f.loss} {f.failure}".strip() for f in findings if not f.agrees]
    if wrong:
        outcome = Text(f"disagrees: {'; '.join(wrong)}", style="bold red")
    else:
        outcome = Text(f"agrees on all {len(findings)} losses", style="green")
    numbers = ["-" if np.isinf(number) else f"{number:.1f}" for number in worst]
    return [backend.name, backend.version, *numbers, outcome]
