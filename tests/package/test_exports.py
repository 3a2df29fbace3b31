"""What the package exports, and how that pickles."""

import ast
import importlib.metadata
import inspect
import pickle
import re
import types

import pytest

import maskloss as ml
from helpers.package import FUNCTIONS, LOSSES, MODULES, ROOT, TRANSFORMS
from maskloss import boosting
from maskloss._signatures import shared_beside
from maskloss.testing import assert_mask_ignored


def test_exports_are_complete_and_sorted():
    public = {name for name, value in vars(ml).items() if not name.startswith("_")}
    public -= {name for name in public if inspect.ismodule(getattr(ml, name))}
    assert sorted(public) == ml.__all__ == sorted(ml.__all__)
    defined = set().union(*map(decorated, MODULES))
    assert {loss.__name__ for loss in LOSSES} == defined


def test_help_lists_the_public_names_by_family():
    """`help(maskloss)` shows the docstring before its list of modules, most of them private."""
    families = ml.__doc__.split("\n\n")[1].split(":\n")[1:]
    families = [re.findall(r"\w+", re.sub(r"\n\w.*", "", text)) for text in families]
    assert sorted(name for names in families for name in names) == ml.__all__
    for family in {loss.record.family for loss in LOSSES}:
        own = {loss.__name__ for loss in LOSSES if loss.record.family == family}
        assert sum(not own.isdisjoint(names) for names in families) == 1, family


def test_help_names_the_public_packages():
    packages = {path.parent.name for path in ROOT.glob("src/maskloss/[a-z]*/__init__.py")}
    assert {*re.findall(r"\.([a-z]+)\b", ml.__doc__.split("\n\n")[2])} == packages


def decorated(path):
    """Return the names of the functions that a module makes losses of."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    makers = ("loss(", "linear_loss")
    return {
        f.name for f in functions for d in f.decorator_list if ast.unparse(d).startswith(makers)
    }


def test_one_dependency():
    required = [r for r in importlib.metadata.requires("maskloss") or [] if "extra ==" not in r]
    assert [re.split(r"[<>=]", r)[0] for r in required] == ["array-api-compat"]


def test_version():
    assert importlib.metadata.version("maskloss") == ml.__version__
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {ml.__version__}\n" in citation


@pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.__name__)
def test_every_loss_takes_the_same_keywords_in_the_same_order(loss):
    parameters = inspect.signature(loss).parameters
    wanted = {key: p.default for key, p in shared_beside(loss.record.parameters).items()}
    shared = {key: parameters[key].default for key in [*parameters][-len(wanted) :]}
    assert list(shared.items()) == list(wanted.items())
    positional = {p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY}
    # As torch's, those of trainers of language models, and pycox's.
    others = {"var", "labels", "teacher", "linear_bias", "advantages", "events"}
    assert positional - {*list(parameters)[:2]} <= others


SHOWN = [
    *FUNCTIONS,
    *TRANSFORMS,
    assert_mask_ignored,
    boosting.mark_missing,
    boosting.XGBoostObjective,
]


@pytest.mark.parametrize("public", SHOWN, ids=lambda public: public.__name__)
def test_a_signature_shows_no_alias(public):
    """A reader of `help` cannot look up the names that modules give to types."""
    aliases = {"Gradient", "Metric", "Missing", "ReductionName", "Shape"}
    text = str(inspect.signature(public))
    assert not aliases & set(re.findall(r"\w+", text))
    assert ": '" not in text
    if "missing" in inspect.signature(public).parameters:
        assert "missing: float | tuple[float, ...] | list[float] | None = " in text


@pytest.mark.parametrize("name", ml.__all__)
def test_public_names_pickle_under_the_package(name):
    """So that a pickle survives a move of the module that defines what it names."""
    public = getattr(ml, name)
    assert public.__module__ == "maskloss"
    pickled = pickle.dumps(public, protocol=0)
    assert pickle.loads(pickled) is public
    assert b"maskloss\n" in pickled
    assert b"maskloss." not in pickled


def test_a_misspelt_name_suggests_the_right_one():
    with pytest.raises(AttributeError, match="no attribute 'mse_los'") as caught:
        ml.mse_los  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("mse_los", ml)  # for Python's suggestion


def test_what_a_test_has_patched_stays(monkeypatch):
    monkeypatch.setattr(ml, "mse_loss", "patched")
    assert not hasattr(ml, "no_such_name")
    assert ml.mse_loss == "patched"


def test_an_access_within_the_import_says_so(monkeypatch):
    """As in a signal handler, which Python may run between any two imports."""
    monkeypatch.delitem(vars(ml), "mse_loss", raising=False)
    monkeypatch.setattr(ml, "_public", types.ModuleType("maskloss._public"))
    with pytest.raises(ImportError, match=r"access a loss.*before the handler"):
        ml.mse_loss  # noqa: B018
