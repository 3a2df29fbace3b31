"""Files of fitted models: a line that says what is in them, then a pickle."""

import json
import pickle
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from pathlib import Path
from typing import Any

import joblib

from .. import __version__
from ._errors import UserError

__all__ = ["Contents", "ModelFile", "read_model_file", "versions", "write_model_file"]

_MAGIC = b"maskloss model 1 "
# Of a library, any of these may be installed; xgboost-cpu is XGBoost without CUDA.
_PACKAGES = {"xgboost": ("xgboost", "xgboost-cpu"), "linear": ()}
_EXPECTED = "expected a file that `maskloss compare --save-model` wrote"


@dataclass(frozen=True)
class Contents:
    """What the first line says, which is read without the pickle.

    Attributes
    ----------
    versions : mapping of str to str
        The versions of the packages that wrote the model.
    models : mapping of str to str
        The model of each kind of labels.
    labels : sequence of str
        The columns that it predicts.
    numbers : sequence of str
        The numeric columns that it learnt from.
    words : mapping of str to sequence of str
        The words of each column of categories that it learnt from.
    text : str, optional
        The text column that it learnt from.
    """

    versions: Mapping[str, str]
    models: Mapping[str, str]
    labels: Sequence[str]
    numbers: Sequence[str]
    words: Mapping[str, Sequence[str]]
    text: str | None

    @property
    def columns(self) -> list[str]:
        """The columns that a table needs."""
        return [*self.numbers, *self.words, *([self.text] if self.text is not None else [])]


@dataclass(frozen=True)
class ModelFile:
    """A model file whose pickle is still closed."""

    path: str
    contents: Contents
    pickled: bytes

    def load(self) -> Any:
        """Return what was pickled; this runs whatever code the file names.

        Raises
        ------
        UserError
            If it cannot be read by the versions installed here.
        """
        try:
            return joblib.load(BytesIO(self.pickled))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - a pickle raises whatever it names
            wrote = ", ".join(f"{name} {number}" for name, number in self.contents.versions.items())
            reason = ": ".join(filter(None, [type(error).__name__, str(error)]))
            msg = (
                f"{self.path} cannot be opened here: {reason}; install what wrote it ({wrote}), "
                "copy the file again if it is not whole, or fit it again"
            )
            raise UserError(msg) from None


def versions(models: Iterable[str]) -> dict[str, str]:
    """Return the versions installed here of maskloss, scikit-learn and the libraries of models."""
    found = {"maskloss": __version__, "scikit-learn": version("scikit-learn")}
    for model in models:
        for package in _PACKAGES.get(model, (model,)):
            try:
                found[model] = version(package)
            except PackageNotFoundError:
                continue
    return found


def write_model_file(path: str, contents: Contents, model: Any) -> None:
    """Write a model and the line that describes it."""
    pickled = BytesIO()
    joblib.dump(model, pickled, compress=3, protocol=pickle.HIGHEST_PROTOCOL)
    line = _MAGIC + json.dumps(asdict(contents)).encode() + b"\n"
    Path(path).write_bytes(line + pickled.getvalue())


def read_model_file(path: str) -> ModelFile:
    """Read the line that describes a model, and leave the pickle closed.

    Raises
    ------
    UserError
        If the file cannot be read, or is none of a model.
    """
    try:
        line, _, pickled = Path(path).read_bytes().partition(b"\n")
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}; {_EXPECTED}"
        raise UserError(msg) from None
    if not line.startswith(_MAGIC):
        msg = f"{path} is no model of this command: {_EXPECTED}"
        raise UserError(msg)
    try:
        contents = Contents(**json.loads(line.removeprefix(_MAGIC)))
    except (TypeError, ValueError):
        msg = f"the first line of {path} cannot be read: {_EXPECTED}, whole"
        raise UserError(msg) from None
    return ModelFile(path, contents, pickled)
