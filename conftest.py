"""Choice of the array libraries that the tests run on."""

import enum
import os

import pytest

from maskloss._arrays.support import BACKENDS, backend

pytest_plugins = ["helpers.exact_results", "helpers.support_table"]

CHOSEN = pytest.StashKey()
NAMES = tuple(candidate.name for candidate in BACKENDS)


def pytest_addoption(parser):
    parser.addoption(
        "--array-backend",
        default=os.environ.get("MASKLOSS_BACKENDS", "all"),
        help=f"comma-separated array libraries to test ({', '.join(NAMES)}), or all; "
        f"also MASKLOSS_BACKENDS",
    )
    parser.addoption(
        "--cases",
        choices=("few", "rest", "every"),
        default="few",
        help="on slow libraries and of compiled losses, run a few cases, the rest of those that "
        "tests/helpers/choice.py chooses, or every case: %(default)s",
    )
    parser.addoption(
        "--fused",
        action="store_true",
        help="compute by compiled loops wherever one can be made, also of few entries",
    )


def pytest_configure(config):
    if config.getoption("--fused"):
        from maskloss._evaluation import block_size

        os.environ["MASKLOSS_FUSED"] = "1"
        block_size.FEW_OPERATIONS = -1
    asked = config.getoption("--array-backend")
    names = NAMES if asked == "all" else tuple(asked.split(","))
    unknown = sorted(set(names) - set(NAMES))
    if unknown:
        msg = f"--array-backend: unknown {', '.join(unknown)}; known are {', '.join(NAMES)}"
        raise pytest.UsageError(msg)
    config.stash[CHOSEN] = tuple(backend(name) for name in names)
    if "dask" in names and backend("dask").is_installed:
        import dask

        dask.config.set(scheduler="synchronous")  # threads for each small graph take longer
    if "jax" in names and backend("jax").is_installed:
        import jax

        if hasattr(config, "cache"):  # compiled once for all workers, and for the next run
            jax.config.update("jax_compilation_cache_dir", str(config.cache.mkdir("jax")))
            jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
            jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
        # JAX as its strictest users set it: no promotion of dtypes and ranks behind their back.
        jax.config.update("jax_enable_x64", True)
        jax.config.update("jax_numpy_dtype_promotion", "strict")
        jax.config.update("jax_numpy_rank_promotion", "raise")


def pytest_report_header(config):
    return "array backends: " + ", ".join(
        f"{chosen.name} {chosen.version}" if chosen.is_installed else f"{chosen.name} MISSING"
        for chosen in config.stash[CHOSEN]
    )


def pytest_generate_tests(metafunc):
    """Run a test that asks for a `backend` on each chosen one that has all it needs."""
    if "backend" in metafunc.fixturenames:
        chosen = metafunc.config.stash[CHOSEN]
        marker = metafunc.definition.get_closest_marker("needs")
        if marker is not None:
            chosen = tuple(b for b in chosen if _has(b, set(marker.args)))
        metafunc.parametrize("backend", chosen, ids=lambda b: b.name, scope="session")


def _has(chosen, needs):
    lacking = {thing for candidate in BACKENDS for thing in candidate.lacks}
    return needs <= {chosen.name, *chosen.transforms, *chosen.dtypes, *(lacking - {*chosen.lacks})}


def pytest_collection_modifyitems(config, items):
    """Leave out tests that no chosen backend can run, and cases of the slow ones."""
    chosen = config.stash[CHOSEN]
    left_out = {item for item in items if not _can_run(item, chosen)}
    from helpers.choice import chosen_of

    left_out |= set(items) - set(chosen_of(items, config.getoption("--cases")))
    config.hook.pytest_deselected(items=list(left_out))
    items[:] = [item for item in items if item not in left_out]


def _can_run(item, chosen):
    """Return whether a chosen backend has what a test needs."""
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    if "backend" in parameters:  # pytest's own mark, not a backend, where none has it
        return not isinstance(parameters["backend"], enum.Enum)
    marker = item.get_closest_marker("needs")
    return marker is None or any(_has(backend, set(marker.args)) for backend in chosen)


@pytest.fixture(scope="session")
def chosen_backends(pytestconfig):
    """Names of the array libraries to test."""
    return tuple(chosen.name for chosen in pytestconfig.stash[CHOSEN])
