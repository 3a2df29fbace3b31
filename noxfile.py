"""Development tasks: `nox -l` lists them, `nox -s NAME` runs one in an environment of its own."""

import hashlib
import json
import re
import tarfile
from pathlib import Path

import nox

nox.needs_version = ">=2025.5"
# pip, not uv, finds the CPU build of PyTorch that constraints.txt pins wherever pip was told to.
nox.options.default_venv_backend = "virtualenv"

PROJECT = nox.project.load_toml("pyproject.toml")
QUICK_FACES = ("torch", "jax", "keras", "boosting", "sklearn", "tables")
FACES = (
    *QUICK_FACES,
    "trl",
    "verl",
    "chemprop",
    "neuralforecast",
    "darts",
    "gluonts",
    "monai",
    "torchgeo",
)
# TensorFlow is tested as an array library; a run of verl needs a GPU.
TRAINED = (*(name for name in FACES if name != "verl"), "tensorflow", "skorch")
# A framework of several backends takes one for each process.
KERAS = [{"KERAS_BACKEND": name} for name in ("jax", "torch", "tensorflow")]
ENVIRONMENTS = {"keras": KERAS}
BACKENDS = ("numpy", *(one["include-group"] for one in PROJECT["dependency-groups"]["backends"]))
# Their bases are classes of Keras 3.15, CatBoost 1.2 and scikit-learn 1.9, which ship no types, and
# of chemprop and neuralforecast, which are not installed where types are checked.
UNTYPED = {
    "BoundedMetric",
    "CatBoostMultiMetric",
    "CatBoostMultiObjective",
    "MaskedClassifier",
    "MaskedEstimator",
    "MaskedLoss",
    "MaskedRegressor",
    "MaskedMetric",
    "MaskedPointLoss",
}


def install(session: nox.Session, *groups: str, package: str = ".") -> None:
    """Install the package and dependency groups under the constraints."""
    needed = nox.project.dependency_groups(PROJECT, *groups)
    # To compile all modules of torch, JAX and TensorFlow takes 37 s of CPU, and few are imported.
    session.install("--no-compile", "--constraint", "constraints.txt", package, *needed)


@nox.session
def demo(session: nox.Session) -> None:
    """Run the main job on data that ships with scikit-learn; writes report.png."""
    install(session, package=".[demo]")
    session.run("maskloss", "demo", "--output", "report.png", *session.posargs)


@nox.session
def tests(session: nox.Session) -> None:
    """Run the tests on every array library."""
    install(session, "test", "backends", "face-boosting", "face-tables", package=".[demo]")
    session.run("pytest", "--numprocesses=auto", *session.posargs)


@nox.session(default=False)
@nox.parametrize("name", BACKENDS, ids=BACKENDS)
def backend(session: nox.Session, name: str) -> None:
    """Run the tests on one array library, with no other but NumPy installed."""
    install(session, "test", *([] if name == "numpy" else [name]), package=".[demo]")
    session.run("pytest", "--array-backend", name, "--cases", "every", *session.posargs)


@nox.session(default=False)
def fused(session: nox.Session) -> None:
    """Run the tests of compiled loops and kernels on NumPy and torch."""
    install(session, "test", "torch", package=".[fast]")
    # Tests that compile for seconds lie side by side, and one worker would get all of them.
    options = ("--numprocesses=auto", "--maxschedchunk=2", "--array-backend", "numpy,torch")
    session.run("pytest", *options, "tests/fused", *session.posargs)


@nox.session(name="min-versions", default=False)
def min_versions(session: nox.Session) -> None:
    """Run the tests of NumPy, torch, JAX and the strict namespace on the lowest versions."""
    groups = ("test", "torch", "jax", "array_api_strict")
    project = PROJECT["project"]
    needed = [
        *nox.project.dependency_groups(PROJECT, *groups),
        *project["dependencies"],
        *project["optional-dependencies"]["demo"],
    ]
    session.install(*sorted({lowest(one) for one in needed}))
    session.install("--no-deps", ".")
    # Old releases meet newer ones of their own dependencies: matplotlib 3.9 warns of pyparsing 3.3.
    quiet = ("-W", "ignore::DeprecationWarning")
    for name in ("numpy", "torch", "jax,array_api_strict"):
        options = ("--numprocesses=auto", *quiet, "--array-backend", name)
        session.run("pytest", *options, *session.posargs)


def lowest(requirement: str) -> str:
    """Return a requirement with its lower bound as the one version; pytest's tools stay ranges."""
    name = re.match(r"[\w.-]+", requirement)[0]
    is_tool = name in {"gmpy2", "mpmath", "numpydoc", "pytest", "pytest-xdist"}
    return requirement if is_tool else re.sub(r">=([\w.]+).*", r"==\1", requirement)


@nox.session(default=False)
@nox.parametrize("name", FACES, ids=FACES)
def face(session: nox.Session, name: str) -> None:
    """Run the tests of the face of a framework, against the framework itself."""
    run_faces(session, name)


@nox.session(default=False)
def faces(session: nox.Session) -> None:
    """Run the tests of the quick faces, with all their frameworks in one environment."""
    found = {path for name in FACES for path in tests_of_face(name)}
    if lost := {*Path("tests/faces").glob("test_*.py")} - found:
        session.error(f"no face has these tests: {sorted(map(str, lost))}")
    run_faces(session, *QUICK_FACES)


def run_faces(session: nox.Session, *names: str) -> None:
    """Run the tests of faces in one process, or in one for each of their environments."""
    install(session, "test", *(f"face-{name}" for name in names))
    runs = [({}, [name for name in names if name not in ENVIRONMENTS])]
    runs += [(variables, [name]) for name in names for variables in ENVIRONMENTS.get(name, [])]
    for variables, group in runs:
        files = [str(path) for name in group for path in tests_of_face(name)]
        if files:
            session.run("pytest", "--numprocesses=auto", *files, *session.posargs, env=variables)


def tests_of_face(name: str) -> list[Path]:
    """Return the files of tests of a face; by whole words, as torchgeo has files of its own."""
    folder = Path("tests/faces")
    return sorted([*folder.glob(f"test_{name}.py"), *folder.glob(f"test_{name}_*.py")])


@nox.session(default=False)
@nox.parametrize("name", TRAINED, ids=TRAINED)
def examples(session: nox.Session, name: str) -> None:
    """Train on data with gaps, and score better than with missing filled in or rows dropped."""
    install(session, f"face-{name}")
    for script in sorted(Path("examples").glob(f"{name}_*.py")):
        session.run("python", str(script), *session.posargs)


@nox.session(default=False)
def losses(session: nox.Session) -> None:
    """Write docs/losses.md, the table of losses, from the outcomes of their tests."""
    install(session, "test", "backends", package=".[demo]")
    files = [
        f"tests/properties/test_{name}.py" for name in ("values", "poison", "autodiff", "sums")
    ]
    table = ("--cases", "every", "--loss-table", "docs/losses.md")
    session.run("pytest", "--numprocesses=auto", *table, *files, *session.posargs)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Build the site in docs/_build/html, without a network and with warnings as errors."""
    install(session, "docs", package=".[demo]")
    options = ("-j", "1", "--fail-on-warning", "--nitpicky", "--keep-going")
    session.run("sphinx-build", *options, *session.posargs, "docs", "docs/_build/html")


@nox.session(default=False)
def stubs(session: nox.Session) -> None:
    """Write the stubs of the classes of losses for torch and Keras."""
    install(session, "face-keras", package="--editable=.")
    script = ("tests/helpers/stubs.py", "torch", "keras")
    session.run("python", *script, env={"KERAS_BACKEND": "torch"})


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Measure time, memory and errors beside the peers; writes bench.json and bench.png."""
    install(session, "bench")
    session.run("python", "benchmarks", "--output", "bench.json", *session.posargs)


@nox.session(default=False)
def record(session: nox.Session) -> None:
    """Measure all that docs/benchmark.md shows; writes benchmarks/results.json."""
    install(session, "bench", "record")
    session.run("python", "benchmarks/record.py", *session.posargs)


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Change the formulas, one place at a time, and count how many changes the tests find."""
    install(session, "test", "mutation", package="--editable=.")
    session.run("python", "mutation", *session.posargs)


@nox.session(default=False)
def fuzz(session: nox.Session) -> None:
    """Make random calls of every loss and compare them with plain loops; takes `--backend`."""
    install(session, "test", "torch", "jax")
    session.run("python", "tests/fuzz", *session.posargs)


@nox.session(default=False)
def distributed(session: nox.Session) -> None:
    """Train in two processes by the engines themselves, and compare with one process.

    DeepSpeed, Keras, Ray, Spark (which needs Java) and XGBoost on dask are installed and run where
    they are named.
    """
    known = {"deepspeed", "keras", "ray", "spark", "xgboost"}
    requested = [name for name in session.posargs if name in known]
    install(session, "distributed", *(f"distributed-{name}" for name in requested))
    session.run("python", "tests/distributed/engines.py", *session.posargs)


@nox.session(default=False)
def parallel(session: nox.Session) -> None:
    """Run each test of NumPy in several threads at once."""
    install(session, "test", "parallel", package=".[demo]")
    folders = ("labels", "libraries", "linear", "losses", "objectives", "properties")
    files = {str(path) for name in folders for path in Path("tests", name).glob("test_*.py")}
    # mpmath 1.3 loops for ever when several threads compute exponentials.
    files -= {f"tests/properties/test_{name}.py" for name in ("exactness", "fuzz", "values")}
    # Tests that change a module for a while change it for all threads.
    files = {path for path in files if not re.search("helpers.eager", Path(path).read_text())}
    options = ("--array-backend", "numpy", "--parallel-threads", "3")
    session.run("pytest", *options, *sorted(files), *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Check style."""
    session.install(*nox.project.dependency_groups(PROJECT, "lint"))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def build(session: nox.Session) -> None:
    """Build from the tree and from the built sdist: the same bytes, and the tests are in them."""
    session.install(*nox.project.dependency_groups(PROJECT, "build"))
    folder = Path(session.create_tmp()).resolve()
    source, builds = Path.cwd(), []
    for place in (folder / "first", folder / "second"):
        session.run("python", "-m", "build", "--no-isolation", f"--outdir={place}", str(source))
        builds.append(
            {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in place.iterdir()}
        )
        (sdist,) = place.glob("*.tar.gz")
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        source = folder / sdist.name.removesuffix(".tar.gz")
    if builds[0] != builds[1]:
        session.error(f"two builds differ: {builds}")
    if not (source / "tests" / "properties" / "test_values.py").is_file():
        session.error("the sdist has no tests")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types, and that all public names have complete ones."""
    install(session, "types", "torch")
    session.run("mypy")
    verify = ("basedpyright", "--verifytypes", "maskloss", "--ignoreexternal", "--outputjson")
    report = json.loads(session.run(*verify, silent=True, success_codes=(0, 1)))
    symbols = report["typeCompleteness"]["symbols"]
    untyped, incomplete = set(), []
    for symbol in symbols:
        messages = {one["message"] for one in symbol["diagnostics"] if one["severity"] == "error"}
        messages.discard("Type of metaclass unknown")  # follows from a base
        # A base of this package has a row of its own.
        messages -= {one for one in messages if re.match(r'Type of base class "maskloss\.', one)}
        if messages == {"Type of base class unknown"}:
            untyped.add(symbol["name"].rpartition(".")[2])
        elif any(not UNTYPED & set(re.findall(r"\w+(?=\")", one)) for one in messages):
            incomplete.append(f"{symbol['name']}: {'; '.join(sorted(messages))}")
    if not symbols or incomplete or untyped != UNTYPED:
        text = "\n".join([f"classes with untyped bases: {sorted(untyped)}", *incomplete])
        session.error(f"the types of {len(symbols)} public names are incomplete\n{text}")


@nox.session
def doctests(session: nox.Session) -> None:
    """Run the examples of the docstrings."""
    install(session, "test", "face-boosting", package="--editable=.[demo,fast]")
    # The bridges to torch and JAX have no examples, and cannot be imported without them.
    options = ("--doctest-modules", "--doctest-ignore-import-errors")
    session.run("pytest", "--array-backend", "numpy", *options, "src")


@nox.session
def doctor(session: nox.Session) -> None:
    """Compare every array library with NumPy."""
    install(session, "backends", package=".[demo]")
    session.run("maskloss", "doctor")


if __name__ == "__main__":
    nox.main()
