"""Rows of logits over the whole range, without those whose terms cancel."""

import numpy as np

CLASSES = 5


def row_range(info):
    """Rows of every scale, confident and wrong, tied, and wide apart."""
    rng = np.random.default_rng(1)
    scales = [1e-30, 1e-4, 1.0, 10.0, 30.0, 60.0, 80.0, 120.0, 500.0, 1e4, 1e30]
    rows = [scale * rng.uniform(-1, 1, (20, CLASSES)) for scale in scales]
    steps = np.linspace(0, 80, 40)[:, None] * np.asarray([0, 1.0, 0.4, 0.9, 0.7])
    rows += [steps, -steps, steps + 0.1, np.zeros((1, CLASSES)), np.full((1, CLASSES), 1e30)]
    x = np.concatenate(rows).astype(info.dtype)
    index = np.arange(len(x)) % CLASSES
    index[::2] = np.argmax(x, -1)[::2]
    return x, index


def without_roots(terms):
    """Leave out the rows of which the terms of a number almost cancel: nothing is exact at a root.

    And those with a probability that is barely normal, or not quite: JAX and MLX take it for 0.
    ``terms(row, is_label)`` gives the terms of each such number.
    """

    def extremes(info):
        x, index = row_range(info)
        is_label = np.arange(CLASSES) == index[:, None]
        row = Row(x.astype(float), is_label)
        barely = np.abs(np.log10(np.maximum(row.p, 1e-320) / float(info.smallest_normal))) < 3
        keep = ~barely.any(-1)
        for added in terms(row, is_label):
            keep &= (np.abs(sum(added)) >= 0.5 * sum(map(np.abs, added))).all(-1)
        return x[keep], index[keep]

    return extremes


class Row:
    """Softmax in float64: p and q = 1 - p, the logarithm of the total, and -log(p) of the label."""

    def __init__(self, x, is_label):
        self.x, self.top = x, x.max(-1, keepdims=True)
        powers = np.exp(x - self.top)
        total = powers.sum(-1, keepdims=True)
        self.p, self.q = powers / total, np.maximum(others(powers) / total, 1e-150)
        self.log_rest = np.log(total)
        self.log_total = self.top + self.log_rest
        own = self.log_total - x.max(-1, keepdims=True, where=is_label, initial=-np.inf)
        self.surprisal = np.minimum(own, 1e300)


def others(rows):
    """Sum the other elements of each row, without a difference."""
    return np.stack([np.delete(rows, c, -1).sum(-1) for c in range(CLASSES)], -1)


def of_label(array, is_label):
    return array.max(-1, keepdims=True, where=is_label, initial=0)


def focal_terms(gamma):
    def terms(row, is_label):
        p, q = of_label(row.p, is_label), of_label(row.q, is_label)
        ratio = p * np.where(p == 0, 0, row.surprisal) / q
        first = 1 + gamma * ratio
        scale = np.where(is_label, row.q, row.p) * gamma / q
        yield (
            first * np.where(is_label, row.p, row.q),
            scale * 2 * p,
            scale * gamma * p * ratio,
            -scale * ratio,
        )

    return terms


def bounded_terms(exponent):
    def terms(row, is_label):
        yield np.where(is_label, row.p, row.q), -exponent * np.where(is_label, row.q, row.p)

    return terms


def forward_terms(transition):
    def terms(row, is_label):
        weights = is_label @ transition.T
        own = np.where(weights > 0, row.x, -np.inf)
        inside = weights * np.exp(own - own.max(-1, keepdims=True))
        share = inside / inside.sum(-1, keepdims=True)
        rest = others(inside) / inside.sum(-1, keepdims=True)
        is_top = (row.p > 0.5) & (share > 0.5)
        yield np.where(is_top, rest, row.p), -np.where(is_top, row.q, share)
        yield row.p * row.q, -share * rest

    return terms


def symmetric_terms(alpha, beta):
    def terms(row, is_label):
        p, near = of_label(row.p, is_label), np.where(is_label, row.q, row.p)
        far = np.where(is_label, row.p, row.q)
        yield (alpha + beta * p) * far, -beta * p * near

    return terms


def active_passive_terms(alpha, beta):
    def terms(row, is_label):
        p, q = row.p, row.q
        surprisals = row.top - row.x + row.log_rest
        total = surprisals.sum(-1, keepdims=True)
        share, own = of_label(surprisals, is_label) / total, of_label(p, is_label)
        drift = (CLASSES - 1) * p, -q
        pull = np.where(is_label, -q, p)
        slopes = [pull, *(-share * part for part in drift)]
        slope = alpha * sum(slopes) / total
        near = np.where(is_label, q, p)
        far = np.where(is_label, p, q)
        yield *(alpha / total * part for part in slopes), beta * own * pull
        yield (
            alpha / total * p * q,
            -alpha / total * CLASSES * share * p * q,
            *(-2 * slope / total * part for part in drift),
            beta * own * near * far,
            -beta * own * near * near,
        )

    return terms


def z_loss_terms(z):
    def terms(row, is_label):
        log, p, q = np.clip(row.log_total, -1e150, 1e150), row.p, row.q
        yield np.clip(row.top, -1e150, 1e150), row.log_rest
        yield np.where(is_label, -q, p), 2 * z * log * p
        yield p * q, 2 * z * p * p, 2 * z * log * p * q

    return terms
