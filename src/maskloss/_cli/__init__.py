"""The command ``maskloss``: does masking pay on a table, and do the array libraries agree."""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn

from .. import __version__
from ._errors import UserError
from ._terminal import accept_any_text, check_standard_output, printable

__all__ = ["main"]

_MODELS = ("linear", "xgboost", "lightgbm", "catboost")
_PACKAGES = {"joblib", "matplotlib", "numpy", "pandas", "rich", "scipy", "sklearn", "threadpoolctl"}

_SAMPLE = "take a random sample of the rows by --rows N"
_ROOM = {
    "compare": _SAMPLE,
    "inspect": _SAMPLE,
    "predict": "close other programs, or predict parts of the table, each with the header",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; by default the arguments of the process.

    Returns
    -------
    int
        The exit code: 0, 1 if ``doctor`` finds a disagreement, 2 for a mistake of the user, or 130
        after Ctrl-C; 2 and 130 with one line of explanation on standard error.
    """
    accept_any_text()
    try:
        check_standard_output()
        return _run(_parser().parse_args(argv))
    except UserError as error:
        message = printable(" ".join(str(error).split()))
        sys.stderr.write(f"maskloss: error: {message}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("maskloss: interrupted\n")
        return 130


def _run(options: argparse.Namespace) -> int:
    """Import the module of the command, which imports the heavy packages, and run it."""
    try:
        module = import_module(f".{options.module}", __package__)
        code: int = module.run(options)
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in _PACKAGES:
            raise
        msg = (
            f"`maskloss {options.command}` needs {package}, which is not installed: "
            'pip install "maskloss[demo]"'
        )
        raise UserError(msg) from None
    except MemoryError:
        fix = _ROOM.get(options.command, "close other programs")
        msg = f"memory ran out: {fix}"
        raise UserError(msg) from None
    return code


class _Parser(argparse.ArgumentParser):
    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        # Python 3.11 drops "--" also where it is the value of an option, as in --missing=--.
        if action.option_strings and arg_strings == ["--"]:
            return self._get_value(action, "--")
        return super()._get_values(action, arg_strings)

    def error(self, message: str) -> NoReturn:
        msg = f"{message} (see `{self.prog} --help`)"
        raise UserError(msg)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="maskloss", description="Masked losses: try them on a table, check them here."
    )
    parser.add_argument("--version", action="version", version=f"maskloss {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_compare(commands)
    _add_predict(commands)
    _add_inspect(commands)
    _add_demo(commands)
    _add_doctor(commands)
    return parser


def _add_compare(commands: Any) -> None:
    text = "Fit a table's labels three ways and score them: does masking pay here?"
    parser = commands.add_parser("compare", help=text, description=text)
    parser.set_defaults(module="_compare")
    _add_table(parser)
    add = parser.add_argument
    add("--text", metavar="COL", help="a text column, used as character 2- to 4-grams")
    add("--group", metavar="COL", help="equal rows here share a fold (default: the text column)")
    add("--folds", metavar="N", type=int, default=5, help="folds to fit and score (default: 5)")
    _add_output(parser)
    _add_model(parser)
    text = "write what the treatments predict of held-out rows, by the best model, as CSV"
    add("--predictions", metavar="FILE", help=text)
    text = "fit the best model on all rows, masked, and keep it for `maskloss predict`"
    add("--save-model", metavar="FILE", help=text)


def _add_predict(commands: Any) -> None:
    text = "Predict the labels of a table by a model that `compare --save-model` kept, as CSV."
    parser = commands.add_parser("predict", help=text, description=text)
    parser.set_defaults(module="_predict")
    add = parser.add_argument
    add(
        "table", metavar="TABLE", help="CSV or Parquet, with the columns that the model learnt from"
    )
    add("model", metavar="MODEL", help="the model; it can run code, so open only what you trust")
    add("--output", metavar="FILE", help="write the predictions here (default: standard output)")


def _add_inspect(commands: Any) -> None:
    text = "Show which labels of a table are missing, which together, and whether at random."
    parser = commands.add_parser("inspect", help=text, description=text)
    parser.set_defaults(module="_inspect")
    _add_table(parser)
    _add_output(parser)


def _add_demo(commands: Any) -> None:
    text = "The same on handwritten digits as ten labels, 80 percent of the labels hidden."
    parser = commands.add_parser("demo", help=text, description=text)
    parser.set_defaults(module="_demo")
    _add_output(parser)
    _add_model(parser)


def _add_doctor(commands: Any) -> None:
    text = "Check that every array library installed here agrees with NumPy on every loss."
    parser = commands.add_parser("doctor", help=text, description=text)
    parser.set_defaults(module="_doctor")


def _add_table(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("table", metavar="TABLE", help="CSV or Parquet: one row per sample, with a header")
    add(
        "--labels",
        metavar="COL,COL,...",
        required=True,
        help="the label columns; also 'MUV-*', or auto for all columns of 0, 1 and gaps",
    )
    add("--missing", metavar="VALUE", help="marks a missing label, in addition to an empty cell")
    add("--rows", metavar="N", type=int, help="take a random sample of N rows (default: all rows)")


def _add_output(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--output", metavar="FILE", help="draw the result: report.png, .svg, .pdf")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _add_model(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--model",
        metavar="NAME,NAME,...",
        type=_model_names,
        default=("linear",),
        help=f"what to fit: {', '.join(_MODELS)}; several are compared (default: linear)",
    )
    parser.add_argument(
        "--backend",
        choices=("numpy", "torch", "jax"),
        default="numpy",
        help="the array library that computes the loss of the linear model (default: numpy)",
    )


def _model_names(text: str) -> tuple[str, ...]:
    names = tuple(name.strip() for name in text.split(","))
    for name in names:
        if name not in _MODELS:
            msg = f"invalid choice: {name!r} (choose from {', '.join(_MODELS)})"
            raise argparse.ArgumentTypeError(msg)
    return names
