"""A case on a backend: arrays of the library, and the calls that the properties make."""

from dataclasses import dataclass, replace

import numpy as np

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy, computed
from maskloss._arrays import support


@dataclass(frozen=True)
class Problem:
    """One case as arrays of one library."""

    backend: object
    case: object
    x: object
    y: object
    mask: object
    weight: object
    options: dict
    lined_up: list

    @classmethod
    def make(cls, backend, case, dtype="float32", seed=0):
        return cls.of(backend, case, *case.arrays(seed), dtype=dtype)

    @classmethod
    def of(cls, backend, case, x, y, mask=None, weight=None, dtype="float32"):
        def array(value):
            if value is None:
                return None
            value = np.asarray(value)
            return backend.asarray(value.astype(dtype) if value.dtype.kind == "f" else value)

        options = {k: array(v) if isinstance(v, np.ndarray) else v for k, v in case.options.items()}
        lined_up = case.lined_up(np.shape(x))
        return cls(backend, case, *map(array, (x, y, mask, weight)), options, lined_up)

    @property
    def xp(self):
        return self.backend.namespace

    @property
    def framework(self):
        return FRAMEWORKS[self.backend.name]

    def replace(self, **changes):
        return replace(self, **changes)

    def on_numpy(self):
        """Return the problem in NumPy's float64, whose closed forms are held to 60 digits."""

        def converted(value):
            return asnumpy(value) if hasattr(value, "shape") else value

        options = {name: converted(value) for name, value in self.options.items()}
        arrays = {name: converted(getattr(self, name)) for name in ("x", "y", "mask", "weight")}
        return self.replace(backend=support.backend("numpy"), options=options, **arrays)

    def bind(self, loss, **keywords):
        """Return `loss` as a function of `arrays`."""
        keywords, names = self.options | keywords, self.lined_up

        def function(x, y, mask, weight, *others):
            lined_up = dict(zip(names, others, strict=True))
            return loss(x, y, mask=mask, weight=weight, **keywords | lined_up)

        return function

    def everything(self, **keywords):
        """Return a function that gives value, gradient and Hessian diagonal."""
        first = self.bind(ml.value_and_grad(self.case.loss), **keywords)
        second = self.bind(ml.grad_and_hessian(self.case.loss), **keywords)

        def function(*arrays):
            value, gradient = first(*arrays)
            return value, gradient, second(*arrays)[1]

        return function

    @property
    def arrays(self):
        """All that has a number per entry: prediction, labels, mask, weight and keywords."""
        return self.x, self.y, self.mask, self.weight, *map(self.options.get, self.lined_up)

    @property
    def mapped_arrays(self):
        """The arrays with a first axis each: a weight of the whole prediction is repeated."""
        x, y, mask, weight, *others = self.arrays
        if len(weight.shape) == 0:
            weight = self.xp.broadcast_to(weight, x.shape[:1])
        return x, y, mask, weight, *others

    def call(self, **keywords):
        return self.bind(self.case.loss, **keywords)(*self.arrays)

    def parts(self, **keywords):
        """Return value, gradient and Hessian diagonal as NumPy arrays."""
        return [asnumpy(part) for part in computed(self.everything(**keywords)(*self.arrays))]

    def hessians_by_autodiff(self):
        """Return the Hessian diagonals of the sum by reverse mode and by forward mode."""
        shape = tuple(self.x.shape)
        # For each element of a row, a mask that is True at that element of every row.
        axes = self.case.row_axes(shape)
        sizes = [size if axis in axes else 1 for axis, size in enumerate(shape)]
        masks = np.eye(np.prod(sizes, dtype=int), dtype=bool).reshape(-1, *sizes)
        masks = np.broadcast_to(masks, (len(masks), *shape))
        loss = self.bind(self.case.loss, reduction="sum")
        products = self.framework.hessian_products(
            lambda x: loss(x, *self.arrays[1:]),
            self.x,
            self.xp.astype(self.backend.asarray(masks), self.x.dtype),
        )
        return [np.where(masks, asnumpy(product), 0.0).sum(0) for product in products]

    def exact(self):
        mask = None if self.mask is None else asnumpy(self.mask)
        return self.case.exact(asnumpy(self.x), asnumpy(self.y), mask)

    def along_rows(self, array):
        """Repeat an array of the entries along their elements, as a mask of elements is."""
        shape = tuple(self.x.shape)
        if array.shape == shape:
            return array
        return np.broadcast_to(np.expand_dims(array, self.case.row_axes(shape)), shape)


def native(backend, array, dtype="float32"):
    """Return numbers as an array of the backend's library."""
    return backend.asarray(np.asarray(array).astype(dtype))


def entry_parts(loss, *arrays, **keywords):
    """Return value, gradient and Hessian diagonal of each entry as NumPy arrays."""
    value, gradient = ml.value_and_grad(loss)(*arrays, reduction="none", **keywords)
    _, hessian = ml.grad_and_hessian(loss)(*arrays, reduction="none", **keywords)
    return [asnumpy(part) for part in (value, gradient, hessian)]
