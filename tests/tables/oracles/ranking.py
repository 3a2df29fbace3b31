"""The losses of rankings in 60-digit arithmetic, one list at a time."""

import numpy as np
from mpmath import mp, mpf

from tables.oracles.exact import Exact, of_subset


def _softmax(x, y, *, normalize=True):
    x, y = [mpf(v) for v in x], [mpf(v) for v in y]
    relevance = sum(y)
    share = [v / relevance if normalize and relevance else v for v in y]
    value, slope, curvature = mpf(0), [], []
    for k, u in enumerate(share):
        # 1 / softmax - 1, and so its logarithm where it is almost 0, without cancellation
        others = sum((mp.exp(v - x[k]) for i, v in enumerate(x) if i != k), mpf(0))
        p, q = 1 / (1 + others), others / (1 + others)
        value += u * mp.log1p(others)
        slope.append(sum((s for i, s in enumerate(share) if i != k), mpf(0)) * p - u * q)
        curvature.append(sum(share) * p * q)
    return Exact(value, slope, curvature, mpf(1) if normalize else relevance)


def _pairwise(x, y, *, of_pair, normalize=True, max_group_size=None, item_weight=None):
    """Sum a loss of the difference of scores, which comes with two derivatives, over the pairs."""
    assert max_group_size is None or len(x) <= max_group_size
    x, w = [mpf(v) for v in x], [mpf(v) for v in item_weight or [1] * len(x)]
    pairs = [(i, j) for i in range(len(x)) for j in range(len(x)) if y[i] > y[j]]
    value, slope, curvature = mpf(0), [mpf(0)] * len(x), [mpf(0)] * len(x)
    divisor = max(len(pairs), 1) if normalize else 1
    for i, j in pairs:
        loss, first, second = of_pair(x[i] - x[j])
        one = w[i] / divisor
        value += one * loss
        slope[i] += one * first
        slope[j] -= one * first
        curvature[i] += one * second
        curvature[j] += one * second
    return Exact(value, slope, curvature, mpf(1) if normalize else sum(w[i] for i, _ in pairs))


def _logistic(x, y, **options):
    def of_pair(d):
        wrong = mp.exp(-d)
        return mp.log1p(wrong), -wrong / (1 + wrong), wrong / (1 + wrong) ** 2

    return _pairwise(x, y, of_pair=of_pair, **options)


def _hinge(x, y, *, margin=1.0, **options):
    def of_pair(d):
        gap = mpf(margin) - d
        return (gap, mpf(-1), mpf(0)) if gap > 0 else (mpf(0),) * 3

    return _pairwise(x, y, of_pair=of_pair, **options)


def _list_mle(x, y):
    """At each place, the cross-entropy of the best of the items that are left."""
    left = sorted(range(len(x)), key=lambda k: -y[k])
    value, slope, curvature = mpf(0), [mpf(0)] * len(x), [mpf(0)] * len(x)
    while len(left) > 1:
        best = left[0]
        powers = {k: mp.exp(mpf(x[k]) - mpf(x[best])) for k in left}
        value += mp.log1p(sum(powers[k] for k in left[1:]))
        for k in left:
            others = sum(power for i, power in powers.items() if i != k)
            p, q = (v / sum(powers.values()) for v in (powers[k], others))
            slope[k] += -q if k == best else p
            curvature[k] += p * q
        left = left[1:]
    return Exact(value, slope, curvature)


softmax, pairwise, hinge, list_mle = map(of_subset, (_softmax, _logistic, _hinge, _list_mle))


def by_group(oracle):
    """Make an oracle of items with groups, which gives each its derivatives."""

    def of_items(x, y, observed, *, groups, **options):
        results = [Exact(mpf(0), [mpf(0)], [mpf(0)]) for _ in x]
        members = {}
        for k, group in enumerate(groups):
            if observed[k]:
                members.setdefault(int(group), []).append(k)
        for places in members.values():
            own = {k: [v[i] for i in places] if np.ndim(v) else v for k, v in options.items()}
            exact = oracle([x[k] for k in places], [y[k] for k in places], **own)
            for k, first, second in zip(places, exact.slope, exact.curvature, strict=True):
                value = exact.value if k == places[0] else mpf(0)
                results[k] = Exact(value, [first], [second], exact.weight)
        return results

    return of_items


softmax_of_groups, pairwise_of_groups, hinge_of_groups, list_mle_of_groups = map(
    by_group, (_softmax, _logistic, _hinge, _list_mle)
)


@mp.workdps(400)
def _cox(x, y, *, events, ties="efron", normalize=True):
    """Sum over the events one by one, with the weights of their risk sets."""
    x = [mpf(v) for v in x]
    seen = [k for k, event in enumerate(events) if event]
    one = mpf(1) / max(len(seen), 1) if normalize else mpf(1)
    value, slope, curvature = mpf(0), [mpf(0)] * len(x), [mpf(0)] * len(x)
    for i in seen:
        tied = [k for k in seen if y[k] == y[i]]
        left_out = mpf(tied.index(i)) / len(tied) if ties == "efron" else mpf(0)
        risk = {k: mp.exp(x[k] - x[i]) for k in range(len(x)) if y[k] >= y[i]}
        risk = {k: v * (1 - left_out) if k in tied else v for k, v in risk.items()}
        # Without the own hazard, whose logarithm is 0, nothing small is lost beside it.
        others = sum((v for k, v in risk.items() if k != i), mpf(0)) - left_out
        total = 1 + others
        value += one * mp.log1p(others)
        slope[i] -= one
        for k, v in risk.items():
            slope[k] += one * v / total
            curvature[k] += one * (v / total) * (1 - v / total)
    return Exact(value, slope, curvature, mpf(1) if normalize else mpf(len(seen)))


cox, cox_of_groups = of_subset(_cox), by_group(_cox)
