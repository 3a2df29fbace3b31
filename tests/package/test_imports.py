"""What the modules import, and which of them name an array library."""

import ast
import json
import re
import shutil
import subprocess
import sys

import pytest

from helpers.package import LIBRARIES, MODULES, SOURCE


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


# Beside `_arrays`, the bridges and the faces.
NAMING = {
    "_inputs/options.py": "a shared part of docstrings says how a mask differs from `numpy.ma`",
    "_labels/from_table.py": "labels and mask of a table are arrays of NumPy",
    "_labels/table_columns.py": "an array of NumPy is a table too",
}


def test_only_some_paths_name_an_array_library():
    """A library is named in `_arrays`, in the bridges to it, in the faces, and in `NAMING`."""
    faces = "torch|keras|boosting|sklearn|testing|verl|chemprop|neuralforecast|_cli"
    allowed = re.compile(rf"_arrays/|({faces})/|.*(^|/)(torch|jax|numba)_\w+\.py$")
    names = {path.relative_to(SOURCE).as_posix(): library_names(path) for path in MODULES}
    naming = {name: found for name, found in names.items() if found and not allowed.match(name)}
    assert set(naming) == {*NAMING}, naming


def imported_by(path):
    """Return what a module imports of this package, inside functions too, as paths in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = path.parents[node.level - 1].relative_to(SOURCE).parts
            parts = [*above, *(node.module.split(".") if node.module else [])]
            for alias in node.names:
                inner = SOURCE.joinpath(*parts, alias.name)
                is_module = inner.is_dir() or inner.with_suffix(".py").exists()
                found.add("/".join([*parts, alias.name] if is_module else parts))
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(SOURCE).as_posix())
def test_no_import_names_the_package(path):
    """So that it can be copied into another package, under another name."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert "maskloss" not in {name.partition(".")[0] for name in names}


def test_a_copy_in_another_package_works_alone(tmp_path):
    shutil.copytree(SOURCE, tmp_path / "theirs" / "_vendor" / "losses")
    code = """if True:
        import sys
        sys.modules["maskloss"] = None  # an import of it fails
        import numpy as np
        import theirs._vendor.losses as ml
        from theirs._vendor.losses import boosting
        from theirs._vendor.losses._cli import main
        value, grad = ml.value_and_grad(ml.cross_entropy)(np.zeros((2, 2)), np.asarray([0, 1]))
        assert grad.tolist() == [[-0.25, 0.25], [0.25, -0.25]]
        boosting.XGBoostObjective(ml.mse_loss)(np.zeros(2), np.ones(2))
        assert {name for name in sys.modules if name.startswith("maskloss")} == {"maskloss"}
    """
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path)


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
