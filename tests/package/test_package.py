"""The package as a whole: what it imports, what it exports, and where things stand."""

import ast
import importlib.metadata
import inspect
import json
import pickle
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from numpydoc.validate import validate

import maskloss as ml
from helpers import pages
from maskloss._arrays.support import BACKENDS, markdown_table
from maskloss._inputs.options import Settings
from maskloss._public import records

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "maskloss"
MODULES = sorted(SOURCE.rglob("*.py"))
LIBRARIES = ("numpy", "torch", "jax", "mlx", "dask", "cupy", "tensorflow", "array_api_strict")
FUNCTIONS = [getattr(ml, name) for name in ml.__all__ if inspect.isfunction(getattr(ml, name))]
FUNCTIONS = [value for value in FUNCTIONS if value not in {ml.grad_and_hessian, ml.value_and_grad}]
LOSSES = [record.function for record in records()]


def modules_after(statement):
    """Return the modules that a fresh interpreter holds after `statement`."""
    code = f"{statement}; import sys, json; print(json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    return set(json.loads(done.stdout))


def test_importing_loads_no_array_library():
    assert not modules_after("import maskloss").intersection({*LIBRARIES, "array_api_compat"})
    assert not modules_after("import maskloss; maskloss.mse_loss").intersection(LIBRARIES)


def test_the_check_of_imports_can_fail():
    assert "numpy" in modules_after("import numpy")


def test_exports_are_complete_and_sorted():
    public = {name for name, value in vars(ml).items() if not name.startswith("_")}
    public -= {name for name in public if inspect.ismodule(getattr(ml, name))}
    assert sorted(public) == ml.__all__ == sorted(ml.__all__)
    defined = set().union(*map(decorated, MODULES))
    assert {loss.__name__ for loss in LOSSES} == defined


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
    shared = list(parameters.values())[-len(Settings._fields) :]
    assert [p.name for p in shared] == list(Settings._fields)
    assert {p.name: p.default for p in shared} == Settings._field_defaults
    positional = {p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY}
    assert positional - {*list(parameters)[:2]} <= {"var", "labels", "linear_bias"}  # as torch's


@pytest.mark.parametrize("name", ml.__all__)
def test_docstrings_follow_numpydoc(name):
    errors = {code for code, _ in validate(f"maskloss.{name}")["errors"]}
    # Not everything needs a "See Also" or a second paragraph, and a named tuple has attributes.
    assert errors <= {"SA01", "ES01"} | (
        {"PR01"} if hasattr(getattr(ml, name), "_fields") else set()
    )


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_every_docstring_is_complete(function):
    text = inspect.getdoc(function)
    for section in ("Parameters", "Returns", "Raises", "Notes", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in text
    for name in inspect.signature(function).parameters:
        assert re.search(rf"^{name} : ", text, re.MULTILINE), name
    assert "**options" not in text


@pytest.mark.parametrize("name", ml.__all__)
def test_public_names_pickle_under_the_package(name):
    """So that a pickle survives a move of the module that defines what it names."""
    public = getattr(ml, name)
    assert public.__module__ == "maskloss"
    pickled = pickle.dumps(public, protocol=0)
    assert pickle.loads(pickled) is public
    assert b"maskloss\n" in pickled
    assert b"maskloss." not in pickled


def library_names(path):
    """Return the array libraries that the code of a module names, docstrings aside."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    words = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            words += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            words.append(node.module or "")
        elif isinstance(node, ast.Name):
            words.append(node.id)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words += [] if id(node) in documentation else [node.value]
    return {name for name in LIBRARIES for word in words if re.search(rf"\b{name}\b", word)}


def test_only_some_paths_name_an_array_library():
    """A library is named in `_arrays`, in the bridges to it, and in the faces of frameworks."""
    allowed = re.compile(r"_arrays/|(torch|keras|boosting|_cli)/|.*(^|/)(torch|jax)_\w+\.py$")
    names = {path.relative_to(SOURCE).as_posix(): library_names(path) for path in MODULES}
    naming = {name: found for name, found in names.items() if found and not allowed.match(name)}
    # The first has the words of users' tables; the second the shared docstring of a mask.
    assert set(naming) == {
        "_labels/table_columns.py",
        "_labels/from_table.py",
        "_inputs/options.py",
    }


def imported_by(path):
    """Return what a module imports of this package, inside functions too, as paths in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "maskloss":
            _, *parts = node.module.split(".")
            for alias in node.names:
                inner = SOURCE.joinpath(*parts, alias.name)
                is_module = inner.is_dir() or inner.with_suffix(".py").exists()
                found.add("/".join([*parts, alias.name] if is_module else parts))
        elif isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
            found |= {"/".join(rest) for name, *rest in names if name == "maskloss"}
    return found


def unit_of(name):
    """Return the package of a module, which is one of a family for a loss, or the module itself."""
    parts = name.split("/")
    return "/".join(parts[: 2 if parts[0] == "_losses" else 1])


def allowed_by(package):
    """Return what the docstring of a private package says that its modules may import."""
    text = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))
    (listed,) = re.findall(r"^May import: (.*)\.$", text, re.MULTILINE | re.DOTALL)
    return set(re.findall(r"`([\w/]+)`", listed))


PACKAGES = {
    path.parent.relative_to(SOURCE).as_posix(): path.parent
    for path in (*SOURCE.glob("_*/__init__.py"), *SOURCE.glob("_losses/*/__init__.py"))
    if path.parent.name != "_cli"
}


@pytest.mark.parametrize("name", sorted(PACKAGES))
def test_a_package_imports_what_its_docstring_allows(name):
    allowed = {name, *allowed_by(PACKAGES[name])}
    for path in PACKAGES[name].glob("*.py"):
        assert set(map(unit_of, imported_by(path))) <= allowed, path


def test_imports_lead_only_downwards():
    """So that no chain of imports comes back to where it began."""
    imports = {}
    for path in MODULES:
        name = unit_of(path.relative_to(SOURCE).with_suffix("").as_posix())
        found = set(map(unit_of, imported_by(path))) - {name, ""}
        imports[name] = imports.get(name, set()) | found
    while imports:
        ground = {name for name, found in imports.items() if not found & set(imports)}
        assert ground, f"these import each other: {sorted(imports)}"
        imports = {name: found for name, found in imports.items() if name not in ground}


def test_no_backend_that_was_asked_for_is_missing(chosen_backends):
    """A library that is not installed is a failure, never a skip."""
    missing = [b.name for b in BACKENDS if b.name in chosen_backends and not b.is_installed]
    assert not missing, f"install {missing}, or choose others by --array-backend"


def test_the_support_table_is_up_to_date():
    page = (ROOT / "docs" / "support.md").read_text(encoding="utf-8")
    assert markdown_table() in page, f"paste this into docs/support.md:\n\n{markdown_table()}"


def test_the_lowest_versions_are_those_of_the_metadata():
    """The page says what pip enforces: every group has the bound that the page names."""
    page = (ROOT / "docs" / "support.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|$", page, re.MULTILINE))
    metadata = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project, groups = metadata["project"], metadata["dependency-groups"]
    assert f">={rows.pop('Python')}" == project["requires-python"]
    groups.pop("bench")  # has a bound of its own for torch
    optional = project["optional-dependencies"].values()
    listed = [project["dependencies"], *optional, *groups.values()]
    required = [item for items in listed for item in items if isinstance(item, str)]
    for library, version in rows.items():
        found = re.findall(
            rf"^{library.lower()}(?:-cpu)?>=([\d.]+)", "\n".join(required), re.MULTILINE
        )
        assert set(found) == {version}, library


def test_the_table_of_losses_is_complete():
    """And says of none that a test failed; nox -s losses writes it anew."""
    rows = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8").splitlines()
    cells = [row.strip("| ").split(" | ") for row in rows if row.startswith("| `")]
    in_cases = {record.name for record in records() if record.inputs is not None}
    assert {name.strip("`") for name, *_ in cells} == in_cases
    assert all("no" not in row for row in cells)


def test_a_misspelt_name_suggests_the_right_one():
    with pytest.raises(AttributeError, match="no attribute 'mse_los'") as caught:
        ml.mse_los  # noqa: B018
    assert (caught.value.name, caught.value.obj) == ("mse_los", ml)  # for Python's suggestion


# The tests of each face run its page, and a test of its own compares the tables of coming-from.
FACES = sorted((ROOT / "docs" / "faces").glob("*.md"))
PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]


@pytest.mark.parametrize("page", PAGES)
def test_the_code_of_a_page_runs(page, chosen_backends):
    absent = {b.name for b in BACKENDS} - {*chosen_backends, "numpy"}
    for block in pages.blocks_of(page):
        if not any(f"import {name}\n" in block for name in absent):
            exec(compile(block, page, "exec"), {})


def test_the_readme_has_code_for_three_libraries():
    blocks = pages.blocks_of("README.md")
    for name in ("numpy", "torch", "jax"):
        assert any(f"import {name}" in block for block in blocks), name


@pytest.mark.parametrize("page", [*PAGES, *(f"docs/faces/{p.name}" for p in FACES)])
def test_links_of_a_page_lead_somewhere(page):
    path = ROOT / page
    for target, anchor in re.findall(
        r"\]\((?!http)([^)#\s]*)(?:#([^)]*))?\)", path.read_text("utf-8")
    ):
        linked = (path.parent / target).resolve() if target else path
        assert linked.is_file(), target
        if anchor:
            assert anchor in anchors_of(linked), anchor


def anchors_of(path):
    """Return the anchors that a page's headings make."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_what_a_test_has_patched_stays(monkeypatch):
    monkeypatch.setattr(ml, "mse_loss", "patched")
    assert not hasattr(ml, "no_such_name")
    assert ml.mse_loss == "patched"
