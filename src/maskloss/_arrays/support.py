"""The table of the array libraries.

A call finds the namespace of its arrays in it; tests, `maskloss doctor` and `docs/support.md` read
it too. CONTRIBUTING lists what else a library needs. Those in `UNTESTED` have no row, as no machine
of the tests has them.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from types import ModuleType

from .namespace import Namespace
from .typing import Array


@dataclass(frozen=True, slots=True)
class Backend:
    """An array library that the tests run on.

    Attributes
    ----------
    name : str
        Its name in the tests and the commands.
    module : str
        The module that has its functions under the standard's names.
    distribution : str
        The name of the package to install.
    roots : tuple of str
        The packages that define its array classes.
    transforms : tuple of str
        Its program transforms that the losses support: "autodiff", "second order", "forward mode",
        "vmap", "jit".
    dtypes : tuple of str
        The real floating dtypes that predictions may have.
    checks_values : bool
        Whether invalid values, such as labels out of range, raise an error.
    epsilons : int
        Bound on the relative error of values and derivatives, in machine epsilons.
    lacks : tuple of str
        Features that the tests skip: "exact long sums", "blocks" of the eager evaluator, more than
        one of the "layouts" of memory.
    remark : str
        Its limitations and differences.
    """

    name: str
    module: str
    distribution: str
    roots: tuple[str, ...]
    transforms: tuple[str, ...] = ()
    dtypes: tuple[str, ...] = ("float32", "float64")
    checks_values: bool = True
    epsilons: int = 8
    lacks: tuple[str, ...] = ()
    remark: str = ""

    @property
    def is_installed(self) -> bool:
        """Whether the library can be imported."""
        return bool(self._versions)

    @property
    def version(self) -> str:
        """The installed version."""
        return self._versions[0]

    @property
    def _versions(self) -> list[str]:
        """The versions of the installed packages."""
        import importlib.metadata  # here, as it is slow and few calls need it

        names = (self.distribution, f"{self.distribution}-cpu")  # as TensorFlow without a GPU
        found = [list(importlib.metadata.distributions(name=name)) for name in names]
        return [one.version for ones in found for one in ones]

    @property
    def functions(self) -> ModuleType:
        """The imported module of its functions."""
        return importlib.import_module(self.module)

    @property
    def namespace(self) -> Namespace:
        """Its namespace, imported from the file of `_arrays` that bears its name."""
        namespace: Namespace = importlib.import_module(f"{__package__}.{self.name}").xp
        return namespace

    def asarray(self, array: Array) -> Array:
        """Copy a NumPy array."""
        return self.functions.asarray(array.copy())


_TRANSFORMS = ("autodiff", "second order", "forward mode", "vmap", "jit")

BACKENDS = (
    Backend(
        name="numpy",
        module="array_api_compat.numpy",
        distribution="numpy",
        roots=("numpy",),
        dtypes=("float16", "float32", "float64"),
        remark="gradients by `value_and_grad`",
    ),
    Backend(
        name="torch",
        module="array_api_compat.torch",
        distribution="torch",
        roots=("torch",),
        transforms=_TRANSFORMS,
        dtypes=("bfloat16", "float16", "float32", "float64"),
        remark="jit is `torch.compile(fullgraph=True)`",
    ),
    Backend(
        name="jax",
        module="jax.numpy",
        distribution="jax",
        roots=("jax", "jaxlib"),
        transforms=_TRANSFORMS,
        dtypes=("bfloat16", "float16", "float32", "float64"),
        lacks=("blocks",),
        remark="float64 where `jax_enable_x64` is set",
    ),
    Backend(
        name="array_api_strict",
        module="array_api_strict",
        distribution="array-api-strict",
        roots=("array_api_strict",),
        lacks=("blocks",),
        remark="the standard and nothing else: any library that follows it works the same",
    ),
    Backend(
        name="dask",
        module="array_api_compat.dask.array",
        distribution="dask",
        roots=("dask",),
        dtypes=("float16", "float32", "float64"),
        checks_values=False,
        lacks=("exact long sums", "blocks"),
        remark="stays lazy; known shapes only; long sums as exact as its own",
    ),
    Backend(
        name="mlx",
        module="mlx.core",
        distribution="mlx",
        roots=("mlx",),
        transforms=_TRANSFORMS,
        dtypes=("bfloat16", "float16", "float32"),
        checks_values=False,
        epsilons=64,
        lacks=("exact long sums", "blocks"),
        remark="no float64; exp off by up to 32 epsilons, long sums as exact as its own",
    ),
    Backend(
        name="tensorflow",
        module="maskloss._arrays.tensorflow_functions",
        distribution="tensorflow",
        roots=("tensorflow",),
        transforms=_TRANSFORMS,
        dtypes=("bfloat16", "float16", "float32", "float64"),
        lacks=("blocks", "layouts"),
        remark="jit is `tf.function`, vmap `tf.vectorized_map`",
    ),
)

# Libraries that `EagerNamespace` computes, by the name of the module of their functions.
UNTESTED = ("cupy",)


def backend(name: str) -> Backend:
    """Return the backend called `name`."""
    for candidate in BACKENDS:
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in BACKENDS)
    msg = f"`backend` must be one of {names}, got {name!r}"
    raise ValueError(msg)


def markdown_table() -> str:
    """Return the support table of `docs/support.md`."""
    rows = [
        ["library", "value, gradient, Hessian", *_TRANSFORMS, "dtypes", "bad values", "remark"],
    ]
    rows.append(["---"] * len(rows[0]))
    for entry in BACKENDS:
        transforms = ["yes" if name in entry.transforms else "" for name in _TRANSFORMS]
        dtypes = ", ".join(entry.dtypes)
        checks = "found" if entry.checks_values else "NaN"
        rows.append([entry.name, "yes", *transforms, dtypes, checks, entry.remark])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
