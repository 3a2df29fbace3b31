"""A case of a peer as calls of maskloss on one array library."""

import numpy as np

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from tables.peers.mapping import LOSSES
from tables.peers.reductions import shared_keywords

# What becomes of the reduced loss, and its derivative.
POST = {
    None: (lambda value: value, lambda _: 1.0),
    "sqrt": (lambda value: value**0.5, lambda value: 0.5 / value**0.5),
}


class PeerCall:
    """A case in our words, of which a word without translation is an error that names it."""

    def __init__(self, case, backend):
        if case.loss not in LOSSES:
            msg = f"no translation of the loss {case.loss!r}"
            raise LookupError(msg)
        self._backend = backend
        self._x = backend.asarray(case.prediction)
        recipe = LOSSES[case.loss](case)
        self._calls = list(zip(recipe.terms, shared_keywords(case, recipe), strict=True))
        self._post, self._slope_of_post = case.params.choose("post", POST)
        case.params.check_all_used()
        case.inputs.check_all_used()

    def value(self):
        return asnumpy(self._value(self._x))

    def gradient(self):
        """Return the derivative by the prediction.

        Without automatic differentiation, by the closed forms; None where our prediction is made
        of the peer's.
        """
        if self._backend.name in FRAMEWORKS:
            return asnumpy(FRAMEWORKS[self._backend.name].grad(self._value, self._x))
        if any(term.prediction is not None or term.is_weighed for term, _ in self._calls):
            return None
        parts = [
            (term.factor, *self._apply(ml.value_and_grad, term, options, self._x))
            for term, options in self._calls
        ]
        value = sum(factor * part for factor, part, _ in parts)
        return self._slope_of_post(value) * sum(factor * slope for factor, _, slope in parts)

    def _value(self, x):
        return self._post(sum(self._term(*call, x) for call in self._calls))

    def _term(self, term, options, x):
        loss = self._apply(lambda loss: loss, term, options, x)
        return loss if term.is_weighed else term.factor * loss

    def _apply(self, transform, term, options, x):
        if term.prediction is not None:
            with np.errstate(divide="ignore"):  # the logarithm of a probability of 0
                x = term.prediction(self._backend.namespace, x, *map(self._array, term.arrays))
        keywords = {name: self._array(value) for name, value in (term.keywords | options).items()}
        # Looked up here: of a loss that does not exist, this case fails and no other.
        return transform(getattr(ml, term.loss))(x, self._array(term.labels), **keywords)

    def _array(self, value):
        if isinstance(value, np.ndarray | np.generic):
            return self._backend.asarray(np.asarray(value))
        return value
