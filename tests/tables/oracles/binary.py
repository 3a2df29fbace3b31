"""Losses of yes-or-no labels in 60-digit arithmetic, one entry at a time."""

from mpmath import mp, mpf

from tables.oracles.exact import Exact


def _sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def _surprise(x):
    """Return -log(sigmoid(x)); log1p, as at 60 digits log(1 + exp(-200)) would be 0."""
    return mp.log1p(mp.exp(-x)) if x > 0 else -x + mp.log1p(mp.exp(x))


def with_logits(x, y, *, pos_weight=1.0, label_smoothing=0.0):
    x, y, p, s = mpf(x[0]), mpf(y), mpf(pos_weight), mpf(label_smoothing)
    y = y * (1 - s) + s / 2
    value = p * y * _surprise(x) + (1 - y) * _surprise(-x)
    slope = (1 - y) * _sigmoid(x) - p * y * _sigmoid(-x)
    return Exact(value, [slope], [(p * y + 1 - y) * _sigmoid(x) * _sigmoid(-x)])


def probabilities(p, y):
    p, y = mpf(p[0]), mpf(y)
    if p in (0, 1):  # as torch
        wrong = abs(p - y)
        return Exact(100 * wrong, [(p - y) * mpf("1e12")], [wrong * mpf("1e24")])
    value = -y * mp.log(p) - (1 - y) * mp.log1p(-p)
    slope = -y / p + (1 - y) / (1 - p)
    return Exact(value, [slope], [y / p**2 + (1 - y) / (1 - p) ** 2])


def soft_margin(x, y):
    x, y = mpf(x[0]), mpf(y)
    slope = -y * _sigmoid(-y * x)
    return Exact(_surprise(y * x), [slope], [y * y * _sigmoid(x) * _sigmoid(-x)])


def hinge(x, y):
    gap = 1 - mpf(y) * mpf(x[0])
    return Exact(max(gap, mpf(0)), [-mpf(y) if gap > 0 else mpf(0)], [mpf(0)])


def squared_hinge(x, y):
    gap = max(1 - mpf(y) * mpf(x[0]), mpf(0))
    return Exact(gap**2, [-2 * mpf(y) * gap], [mpf(2 if gap > 0 else 0)])


def sigmoid_focal(x, y, *, alpha=0.25, gamma=2.0):
    """The product of balance, power and cross-entropy, by Leibniz' rule."""
    x, y, g = mpf(x[0]), mpf(y), mpf(gamma)
    balance = mpf(1)
    if alpha is not None and alpha >= 0:
        balance = mpf(alpha) * y + (1 - mpf(alpha)) * (1 - y)
    p, n = _sigmoid(x), _sigmoid(-x)
    entropy = y * _surprise(x) + (1 - y) * _surprise(-x)
    entropy1, entropy2 = (1 - y) * p - y * n, p * n
    wrong = y * n + (1 - y) * p
    wrong1, wrong2 = (1 - 2 * y) * p * n, (1 - 2 * y) * p * n * (n - p)
    power = wrong**g
    power1 = g * wrong ** (g - 1) * wrong1
    power2 = g * (g - 1) * wrong ** (g - 2) * wrong1**2 + g * wrong ** (g - 1) * wrong2
    return Exact(
        balance * power * entropy,
        [balance * (power1 * entropy + power * entropy1)],
        [balance * (power2 * entropy + 2 * power1 * entropy1 + power * entropy2)],
    )


def _poly1(surprisal, wrong, e):
    """Return the polynomial of the paper, with 1 + e for the first coefficient of -log(1 - q)."""
    if wrong > mpf("1e-15"):
        return surprisal + e * wrong
    return (1 + e) * wrong + sum(wrong**j / j for j in range(2, 8))


def poly(x, y, *, epsilon=1.0):
    x, y, e = mpf(x[0]), mpf(y), mpf(epsilon)
    value = y * _poly1(_surprise(x), _sigmoid(-x), e) + (1 - y) * _poly1(
        _surprise(-x), _sigmoid(x), e
    )
    # With e = 1 or e = -1 the derivatives cancel down to the square of exp(-abs(x)).
    with mp.workdps(60 + int(abs(x)) if abs(x) < 800 else 60):
        p, n = _sigmoid(x), _sigmoid(-x)
        slope = (1 - y) * p - y * n + e * (1 - 2 * y) * p * n
        return Exact(value, [slope], [p * n + e * (1 - 2 * y) * p * n * (n - p)])
