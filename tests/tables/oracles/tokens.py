"""Losses of language models from their definition, one token, sequence or pair at a time."""

from mpmath import mp, mpf

from tables.oracles.exact import Exact, of_subset

# Two terms of size 1 may leave a derivative of 1e-100.
DIGITS = 400


def kl_penalty(x, y, *, estimator="k3"):
    d = mpf(y) - mpf(x[0])
    if estimator == "k1":
        return Exact(-d, [mpf(1)], [mpf(0)])
    if estimator == "k2":
        return Exact(d * d / 2, [-d], [mpf(1)])
    with mp.workdps(DIGITS):
        return Exact(mp.exp(d) - d - 1, [1 - mp.exp(d)], [mp.exp(d)])


def _policy(log_prob, ratio, advantage, options):
    """Return the loss and two derivatives by the log-probability."""
    low, high = 1 - mpf(options["epsilon_low"]), 1 + mpf(options["epsilon_high"])
    kind = options["loss_type"]
    if kind == "cispo":
        factor = -advantage * min(ratio, high)
        return factor * log_prob, factor, factor if ratio < high else mpf(0)
    if kind == "sapo":
        t = mpf(options["sapo_temperature_pos" if advantage > 0 else "sapo_temperature_neg"])
        p = 1 / (1 + mp.exp(-t * (ratio - 1)))
        first = -4 * advantage * p * (1 - p) * ratio
        return -advantage * 4 / t * p, first, first * (1 + t * ratio * (1 - 2 * p))
    surrogate = min(ratio * advantage, min(max(ratio, low), high) * advantage)
    dual = options["dual_clip"]
    if dual is not None and advantage < 0:
        surrogate = max(surrogate, mpf(dual) * advantage)
    slope = -advantage * ratio if surrogate == ratio * advantage else mpf(0)
    return -surrogate, slope, slope


_DEFAULTS = {
    "loss_type": "clip",
    "epsilon_low": 0.2,
    "epsilon_high": 0.2,
    "dual_clip": None,
    "sapo_temperature_pos": 1.0,
    "sapo_temperature_neg": 1.05,
}


def policy(x, y, *, advantages, **options):
    x, y = mpf(x[0]), mpf(y)
    value, slope, curvature = _policy(x, mp.exp(x - y), mpf(advantages), _DEFAULTS | options)
    return Exact(value, [slope], [curvature])


@of_subset
def policy_of_sequence(x, y, *, advantages, importance_sampling_level, **options):
    assert importance_sampling_level == "sequence"
    x, y, number = [mpf(v) for v in x], [mpf(v) for v in y], len(x)
    ratio = mp.exp(sum(a - b for a, b in zip(x, y, strict=True)) / number)
    parts = _policy(sum(x) / number, ratio, mpf(advantages), _DEFAULTS | options)
    return Exact(parts[0], [parts[1] / number] * number, [parts[2] / number**2] * number)


def preference(x, y, *, loss_type="sigmoid", beta=0.1, label_smoothing=0.0, margin=0.0):
    h = (mpf(x[0]) - mpf(y[0])) - (mpf(x[1]) - mpf(y[1]))
    beta, s = mpf(beta), mpf(label_smoothing)
    z = beta * h - mpf(margin)
    if loss_type == "ipo":
        gap = h - 1 / (2 * beta)
        value, first, second = gap**2, 2 * gap, mpf(2)
    elif loss_type == "hinge":
        value, first, second = max(mpf(0), 1 - z), -beta if z < 1 else mpf(0), mpf(0)
    else:
        p, q = 1 / (1 + mp.exp(-z)), 1 / (1 + mp.exp(z))
        value = (1 - s) * mp.log1p(mp.exp(-z)) + s * mp.log1p(mp.exp(z))
        first, second = beta * (s * p - (1 - s) * q), beta**2 * p * q
    return Exact(value, [first, -first], [second, second])


def orpo(x, _, *, beta=0.1):
    with mp.workdps(DIGITS):
        x, beta = [mpf(v) for v in x], mpf(beta)
        p = [mp.exp(v) for v in x]
        odds = [a / (1 - a) for a in p]
        z = mp.log(odds[0] / odds[1])
        value = beta * mp.log1p(mp.exp(-z)) - x[0]
        pull = -beta / (1 + mp.exp(z))
        bend = -pull / (1 + mp.exp(-z))
        signs = (1, -1)
        slope = [s * pull / (1 - a) for s, a in zip(signs, p, strict=True)]
        slope[0] -= 1
        curvature = [(bend + s * pull * a) / (1 - a) ** 2 for s, a in zip(signs, p, strict=True)]
        return Exact(value, slope, curvature)


def kto(x, y, *, kl=0.0, beta=0.1):
    rate = mpf(beta) * (1 if y == 1 else -1)
    z = rate * (mpf(x[0]) - mpf(kl))
    p, q = 1 / (1 + mp.exp(-z)), 1 / (1 + mp.exp(z))
    return Exact(q, [-rate * p * q], [rate**2 * p * q * (p - q)])


def distillation(x, y, *, divergence="forward", beta=0.5, temperature=1.0, class_mask=None):
    """Derivatives by the chain rule over the student's probabilities."""
    size, t, b = len(x), mpf(temperature), mpf(beta)
    left = [k for k in range(size) if class_mask is None or class_mask[k]]
    with mp.workdps(DIGITS):
        p, q = (dict(zip(left, _softmax(v, left, t), strict=True)) for v in (y, x))
        value, first, second = mpf(0), {}, {}
        for k in left:
            if divergence == "forward":
                parts = p[k] * _log(p[k] / q[k]), -p[k] / q[k], p[k] / q[k] ** 2
            elif divergence == "reverse":
                parts = q[k] * mp.log(q[k] / p[k]), mp.log(q[k] / p[k]) + 1, 1 / q[k]
            else:
                m = b * p[k] + (1 - b) * q[k]
                log = mp.log(q[k] / m)
                parts = (
                    b * p[k] * _log(p[k] / m) + (1 - b) * q[k] * log,
                    (1 - b) * log,
                    (1 - b) * (1 / q[k] - (1 - b) / m),
                )
            value += parts[0]
            first[k], second[k] = parts[1:]
        slope, curvature = [mpf(0)] * size, [mpf(0)] * size
        for k in left:
            for c in left:
                p1 = q[c] * (1 - q[c]) if k == c else -q[c] * q[k]
                p2 = p1 * (1 - 2 * q[c]) if k == c else -p1 * (2 * q[k] - 1)
                slope[k] += t * first[c] * p1
                curvature[k] += second[c] * p1**2 + first[c] * p2
        return Exact(t * t * value, slope, curvature)


def _log(ratio):
    return mp.log(ratio) if ratio else mpf(0)


def _softmax(row, left, t):
    scaled = [mpf(row[k]) / t for k in left]
    powers = [mp.exp(v - max(scaled)) for v in scaled]
    return [power / sum(powers) for power in powers]
