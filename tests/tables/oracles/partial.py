"""The losses of missing labels as their authors write them, in 60-digit arithmetic.

A `Jet` carries a number with its two derivatives by one logit, so that a formula is written down
once and its derivatives follow.
"""

import math
from typing import NamedTuple

from mpmath import mp, mpf

from tables.oracles.exact import Exact


class Jet(NamedTuple):
    """A number, and its first and second derivative by the logit in question."""

    value: mpf
    slope: mpf = mpf(0)
    curvature: mpf = mpf(0)
    # mpmath puts the repr of what it cannot convert into an error that it drops; digits take long.
    __repr__ = object.__repr__

    @property
    def constant(self):
        return Jet(self.value)

    def chain(self, value, first, second):
        """Apply a function, given what it and its derivatives are here."""
        bend = second * self.slope**2 + first * self.curvature
        return Jet(value, first * self.slope, bend)

    def __add__(self, other):
        return Jet(*(a + b for a, b in zip(self, _jet(other), strict=True)))

    __radd__ = __add__

    def __neg__(self):
        return Jet(*(-part for part in self))

    def __sub__(self, other):
        return self + -_jet(other)

    def __rsub__(self, other):
        return other + -self

    def __mul__(self, other):
        if not isinstance(other, Jet):
            factor = mpf(other)
            return Jet(*(factor * part for part in self))
        (a, a1, a2), (b, b1, b2) = self, other
        return Jet(a * b, a1 * b + a * b1, a2 * b + 2 * a1 * b1 + a * b2)

    __rmul__ = __mul__

    def __truediv__(self, other):
        return self * (1 / mpf(other))

    def __pow__(self, exponent):
        g, a = mpf(exponent), self.value
        if a == 0:
            return Jet(mpf(exponent == 0))
        return self.chain(a**g, g * a ** (g - 1), g * (g - 1) * a ** (g - 2))


def _jet(number):
    return number if isinstance(number, Jet) else Jet(mpf(number))


def logit(x):
    return Jet(mpf(x), mpf(1))


def _probabilities(z):
    """Return exp(-abs(z)), and the sigmoids of z and of -z with all digits."""
    e = mp.exp(-abs(z))
    larger, smaller = 1 / (1 + e), e / (1 + e)
    return e, *((larger, smaller) if z > 0 else (smaller, larger))


def sigmoid(x):
    _, p, q = _probabilities(x.value)
    return x.chain(p, p * q, p * q * (q - p))


def minus_log(x):
    """Return -log(sigmoid(x)); log1p, as at 60 digits log(1 + exp(-200)) would be 0."""
    e, p, q = _probabilities(x.value)
    return x.chain(mp.log1p(e) + max(-x.value, 0), -q, p * q)


def gr(x, y, *, w=2.0, b=-2.0, mu=0.8, sigma=0.5, q2=0.01, q3=1.0):
    z = logit(x[0])
    if y >= 0:
        return exact(minus_log(z if y else -z))
    p = sigmoid(z)
    # Of -log(p): as 1 - p**q2, with all digits where p is close to 1.
    first, second = (
        -surprisal.chain(mp.expm1(-e * surprisal.value) / e, *_decay(surprisal.value, e))
        for surprisal, e in ((minus_log(z), mpf(q2)), (minus_log(-z), mpf(q3)))
    )
    chance = sigmoid(mpf(w) * p + b)
    distance = p - mu
    exponent = -(distance * distance) / (2 * mpf(sigma) ** 2)
    value = mp.exp(exponent.value)
    weight = exponent.chain(value, value, value)
    parts = [(weight * chance, first), (weight * (1 - chance), second)]
    # The gradient takes the factors as constants, and the Hessian is the derivative of it.
    return Exact(
        sum(f.value * loss.value for f, loss in parts),
        [sum(f.value * loss.slope for f, loss in parts)],
        [sum(f.value * loss.curvature + f.slope * loss.slope for f, loss in parts)],
    )


def _decay(surprisal, e):
    """Return the derivatives of (exp(-e s) - 1) / e."""
    decay = mp.exp(-e * surprisal)
    return -decay, e * decay


def exact(*jets):
    """Make the `Exact` of an entry of one value and a jet for each of its elements."""
    return Exact(jets[0].value, [j.slope for j in jets], [j.curvature for j in jets])


def propensity_scored(x, y, *, propensity_weight, non_negative=False):
    """The loss of a positive, seen once in a while, and what it takes back of a negative."""
    share = mpf(propensity_weight) * mpf(y)
    value = share * minus_log(logit(x[0])) + (1 - share) * minus_log(-logit(x[0]))
    return exact(Jet(mpf(0)) if non_negative and value.value <= 0 else value)


def _focused(q, surprisal, gamma, *, constant=False):
    power = q**gamma
    if not constant:
        return power * surprisal
    focused = power.constant * surprisal
    return focused._replace(curvature=focused.curvature + power.slope * surprisal.slope)


def _of_positive(x, gamma, *, constant):
    return _focused(sigmoid(-x), minus_log(x), gamma, constant=constant)


def _of_negative(x, gamma, clip, *, constant):
    """Return the loss of a negative, of which a probability up to `clip` costs nothing."""
    p, m = sigmoid(x), mpf(clip)
    if m == 0:
        return _focused(p, minus_log(-x), gamma, constant=constant)
    if p.value <= m:
        return Jet(mpf(0))
    right = sigmoid(-x) + m
    first = 1 / right.value
    surprisal = right.chain(-mp.log(right.value), -first, first**2)
    return _focused(p - m, surprisal, gamma, constant=constant)


def asymmetric(x, y, *, gamma_pos=1.0, gamma_neg=4.0, clip=0.05, constant_focus=True):
    x, y = logit(x[0]), mpf(y)
    positive = _of_positive(x, gamma_pos, constant=constant_focus)
    negative = _of_negative(x, gamma_neg, clip, constant=constant_focus)
    return exact(y * positive + (1 - y) * negative)


def _digits(x):
    """Return how many to compute with where terms of size 1 cancel down to exp(-abs(x)) or x."""
    if abs(x) > 800:
        return 60
    return 60 + int(abs(x)) - (min(math.frexp(x)[1], 0) if x else 0)


def hill(x, y, *, lam=1.5, margin=1.0, gamma=2.0):
    with mp.workdps(_digits(x[0])):
        x, y = logit(x[0]), mpf(y)
        # lam - p, without the digits that it loses where both are 1
        gap = mpf(lam) - 1 + sigmoid(-x)
        positive = _of_positive(x - mpf(margin), gamma, constant=False)
        return exact(y * positive + (1 - y) * (gap * sigmoid(x) ** 2))


def splc(x, y, *, correct=True, threshold=0.6, margin=1.0, gamma=2.0):
    x = logit(x[0])
    if y == 1:
        return exact(_of_positive(x - mpf(margin), gamma, constant=False))
    if y == -1 and correct and sigmoid(x).value > mpf(threshold):
        return exact(_of_positive(x, gamma, constant=False))
    return exact(_of_negative(x, gamma, 0, constant=False))


def assume_negative(x, y, *, label_smoothing=0.0, unannotated_weight=1.0):
    x, e = logit(x[0]), mpf(label_smoothing)
    if y == 1:
        return exact((1 - e) * minus_log(x) + e * minus_log(-x))
    weight = mpf(unannotated_weight) if y == -1 else 1
    return exact(weight * ((1 - e) * minus_log(-x) + e * minus_log(x)))


def entropy_maximization(x, y, *, alpha=0.1, negative_weight=1.0):
    with mp.workdps(_digits(x[0])):
        x = logit(x[0])
        if y == 1:
            return exact(minus_log(x))
        if y == 0:
            return exact(mpf(negative_weight) * minus_log(-x))
        entropy = sigmoid(x) * minus_log(x) + sigmoid(-x) * minus_log(-x)
        return exact(-mpf(alpha) * entropy)


def partial_bce(x, y, observed, *, alpha=-4.45, beta=5.45, gamma=1.0):
    number, classes = mpf(sum(observed)), mpf(len(x))
    if not number:
        return exact(*[Jet(mpf(0))] * len(x))
    factor = (mpf(alpha) * (number / classes) ** mpf(gamma) + mpf(beta)) / classes
    jets = [
        factor * (mpf(t) * minus_log(logit(v)) + (1 - mpf(t)) * minus_log(-logit(v)))
        if is_observed
        else Jet(mpf(0))
        for v, t, is_observed in zip(x, y, observed, strict=True)
    ]
    return exact(*jets)._replace(value=sum(jet.value for jet in jets))


def of_batch(oracle):
    """Make an oracle of all entries of one that gets the observed places in order."""

    def of_all(x, y, observed, **options):
        places = list(zip(*observed.nonzero(), strict=True))
        terms = dict(zip(places, oracle(x, y, places, **options), strict=True))
        nothing = exact(Jet(mpf(0)))
        return {place: terms.get(place, nothing) for place in _places(x.shape)}

    return of_all


def _places(shape):
    places = [()]
    for size in shape:
        places = [(*place, k) for place in places for k in range(size)]
    return places


def _largest(x, candidates, number):
    """Return the candidates of the largest logits, and those that tie with the last of them."""
    ranked = sorted((float(x[place]) for place in candidates), reverse=True)[:number]
    return {place for place in candidates if ranked and x[place] >= ranked[-1]}


@of_batch
def large(x, y, places, *, fraction, scheme="rejection"):
    unannotated = [place for place in places if y[place] == -1]
    large_ones = _largest(x, unannotated, math.ceil(round(len(places) * fraction, 9)))
    for place in places:
        z = logit(x[place])
        if place not in large_ones:
            yield exact(minus_log(z) if y[place] == 1 else minus_log(-z))
        else:
            yield exact(Jet(mpf(0)) if scheme == "rejection" else minus_log(z))


@of_batch
def selective(
    x,
    y,
    places,
    *,
    mode="selective",
    gamma_pos=0.0,
    gamma_neg=1.0,
    gamma_unann=2.0,
    clip=0.0,
    alpha_pos=1.0,
    alpha_neg=1.0,
    alpha_unann=1.0,
    likelihood_topk=5,
    class_prior=None,
    prior_threshold=0.05,
):
    unannotated = [place for place in places if y[place] == -1]
    ignored = set(unannotated) if mode == "ignore" else set()
    if mode == "selective":
        ignored = _largest(x, unannotated, likelihood_topk * len({place[0] for place in places}))
        if class_prior is not None:
            ignored |= {p for p in unannotated if class_prior[p[-1]] > prior_threshold}
    kinds = {0: (gamma_neg, alpha_neg), -1: (gamma_unann, alpha_unann)}
    for place in places:
        z = logit(x[place])
        if y[place] == 1:
            yield exact(mpf(alpha_pos) * _of_positive(z, gamma_pos, constant=True))
        else:
            gamma, factor = kinds[int(y[place])]
            factor = 0 if place in ignored else mpf(factor)
            yield exact(factor * _of_negative(z, gamma, clip, constant=True))


def of_whole(formula):
    """Make an oracle of a formula of observed logits, which gives a value and a jet to derive."""

    def oracle(x, y, observed, **options):
        places = [k for k, is_observed in enumerate(observed) if is_observed]
        labels = [y[k] for k in places]
        jets = {}
        for active in places:
            logits = [logit(x[k]) if k == active else Jet(mpf(x[k])) for k in places]
            of_places = {
                name: [value[k] for k in places] if isinstance(value, list) else value
                for name, value in options.items()
            }
            value, jets[active] = formula(logits, labels, **of_places)
        if not places:
            return exact(*[Jet(mpf(0))] * len(x))
        return exact(*(jets.get(k, Jet(mpf(0))) for k in range(len(x))))._replace(value=value)

    return oracle


def _mean(jets):
    return sum(jets, Jet(mpf(0))) / len(jets)


def _annotated(x, y):
    """Return the mean of -log p of positives, -log(1 - p) of negatives, and 0 of the others."""
    of_label = {1: minus_log, 0: lambda z: minus_log(-z), -1: lambda _: Jet(mpf(0))}
    return _mean([of_label[int(label)](z) for z, label in zip(x, y, strict=True)])


def _expectation(x, expected, classes):
    """Return the square of k less the positives of a mean sample, by the classes squared."""
    return (_mean([sigmoid(z) for z in x]) * classes - mpf(expected)) ** 2 / classes**2


def expected_positive(classes):
    @of_whole
    def oracle(x, y, *, expected_positives):
        total = _annotated(x, y) + _expectation(x, expected_positives, classes)
        return total.value, total

    return oracle


def role(classes):
    @of_whole
    def oracle(x, y, *, estimates, expected_positives):
        z = [Jet(mpf(v)) for v in estimates]
        total = Jet(mpf(0))
        for logits, targets in ((x, z), (z, x)):
            labels = [sigmoid(v).constant for v in targets]
            agreement = [
                q * minus_log(v) + (1 - q) * minus_log(-v)
                for v, q in zip(logits, labels, strict=True)
            ]
            total += _annotated(logits, y) + _mean(agreement)
            total += _expectation(logits, expected_positives, classes)
        return total.value / 2, total / 2

    return oracle


@of_whole
def nnpu(x, y, *, prior, beta=0.0, gamma=1.0, non_negative=True):
    positive = [z for z, label in zip(x, y, strict=True) if label == 1]
    unlabelled = [z for z, label in zip(x, y, strict=True) if label == -1]

    def mean_loss(logits):
        """Return the mean of the sigmoid loss, 0 of none."""
        return sum((sigmoid(-z) for z in logits), Jet(mpf(0))) / max(len(logits), 1)

    of_positives = mpf(prior) * mean_loss(positive)
    of_negatives = mean_loss([-z for z in unlabelled])
    of_negatives -= mpf(prior) * mean_loss([-z for z in positive])
    if non_negative and of_negatives.value < -mpf(beta):
        return of_positives.value - mpf(beta), -mpf(gamma) * of_negatives
    total = of_positives + of_negatives
    return total.value, total
