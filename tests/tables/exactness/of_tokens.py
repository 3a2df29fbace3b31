"""Rows of losses of language models, and the sizes of their terms."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.exactness.of_classes import Softmax, total
from tables.exactness.points import sigmoid
from tables.exactness.row import Row, row
from tables.oracles import tokens


def _two_logits(info):
    """Rows of all sizes of a student, with a teacher that is close, another, or the opposite."""
    rng = np.random.default_rng(6)
    sizes = np.geomspace(1e-3, -np.log(float(info.smallest_normal)) / 3, 60)[:, None]
    x, other = rng.normal(0, 1, (2, 60, 3)) * sizes
    kind = np.arange(60)[:, None] % 3
    close = x + rng.normal(0, 1, (60, 3)) * np.geomspace(float(info.eps), 0.1, 60)[:, None]
    y = np.where(kind == 0, other, np.where(kind == 1, close, -x))
    return x.astype(info.dtype), y.astype(info.dtype)


def _distillation_terms(divergence, beta, t):
    """Return the sizes of the terms: entropies, and a probability times a logarithm."""

    def terms(x, y):
        p, q = Softmax(y / t), Softmax(x / t)
        if divergence == "forward":
            value = np.maximum(total(p.p * p.surprisal), total(p.p * q.surprisal))
            return _of_parts(t, value, np.maximum(p.p, q.p), q.p * q.q)
        if divergence == "reverse":
            pull, bend = np.maximum(p.surprisal, q.surprisal), q.q
            value = np.maximum(total(q.p * p.surprisal), total(q.p * q.surprisal))
        else:
            middle = np.maximum(beta * p.p + (1 - beta) * q.p, 1e-300)
            largest = np.maximum(p.p, q.p) / middle
            of_teacher, of_student = (
                np.maximum(np.abs(np.log(np.maximum(of.p / middle, 1e-300))), largest)
                for of in (p, q)
            )
            pull, bend = (1 - beta) * of_student, (1 - beta) * np.maximum(q.q, q.p)
            value = np.maximum(total(beta * p.p * of_teacher), total(q.p * pull))
        excess = np.maximum(pull, total(q.p * pull))
        slope = q.p * excess
        return _of_parts(t, value, slope, q.p * bend + slope)

    return terms


def _of_parts(t, value, slope, curvature):
    return t * t * value[..., 0], t * slope, curvature


def _moderate(info):
    """Rows of logits up to 30."""
    x, y = _two_logits(info)
    end = info.dtype.type(30)
    return np.clip(x, -end, end), np.clip(y, -end, end)


def _distillation(divergence, temperature, beta=0.5, points=_two_logits, bound=5):
    options = {"divergence": divergence, "temperature": temperature}
    options |= {"beta": beta} if divergence == "jsd" else {}
    return Row(
        Case(
            "distillation_loss",
            ml.distillation_loss,
            None,
            tokens.distillation,
            options,
            class_axis=-1,
        ),
        points,
        (bound,) * 3,
        _distillation_terms(divergence, beta, temperature),
    )


def _log_ratios(info):
    """Differences of every size between log-probabilities, exact and rounded."""
    end = -np.log(float(info.smallest_normal)) * 0.99
    d = np.concatenate([np.geomspace(1e-6, 1, 40), np.linspace(1, end, 60)])
    d = np.concatenate([d, -d, [0.0]]).astype(info.dtype)
    return np.stack([0 * d, d, d - 3], -1), np.stack([d, 0 * d, 0 * d - 3], -1)


def _ratios(beta, kl):
    """Log-ratios on both sides of k, close to it and far, with both labels."""

    def points(info):
        z = np.concatenate([np.geomspace(1e-6, 1, 30), np.linspace(1, 40, 40), [80.0]])
        x = (kl + np.concatenate([z, -z]) / beta).astype(info.dtype)
        return np.stack([x, x], -1), np.stack([0 * x, 0 * x + 1], -1)

    return points


def _pairs(beta, margin):
    """Scores of pairs around the margin and far off, and larger ones of a reference."""

    def points(info):
        z = np.concatenate([np.geomspace(1e-6, 0.99, 30), np.linspace(1.01, 40, 40), [80.0]])
        h = (margin + np.concatenate([z, -z, [0.0]])) / beta
        y = np.stack([-23 / beta + 0 * h, -0.7 * np.abs(h)], -1).astype(info.dtype)
        x = np.stack([h, 0 * h], -1) + y
        return x.astype(info.dtype), y

    return points


def _difference(x, y):
    gaps = x - y
    return gaps[..., 0] - gaps[..., 1]


def _sigmoid_terms(beta, smoothing, margin):
    def terms(x, y):
        z = (beta * _difference(x, y) - margin)[..., None]
        slope = beta * np.maximum(smoothing * sigmoid(z), (1 - smoothing) * sigmoid(-z))
        return 0.0, slope, slope if smoothing else 0.0

    return terms


def _hinge_terms(beta, margin):
    def terms(x, y):
        h = beta * np.abs(_difference(x, y))
        return np.where(h > 0, np.maximum(h, 1 + margin), 0.0), 0.0, 0.0

    return terms


def _ipo_terms(beta):
    def terms(x, y):
        h = _difference(x, y)
        size = 2 * np.maximum(np.abs(h), 1 / (2 * beta))
        return np.abs(h - 1 / (2 * beta)) * size, size[..., None], 0.0

    return terms


def _preference(loss_type, terms, beta, margin=0.0, **options):
    options |= {"loss_type": loss_type, "beta": beta} | ({"margin": margin} if margin else {})
    case = Case(
        "preference_loss", ml.preference_loss, None, tokens.preference, options, class_axis=-1
    )
    return Row(case, _pairs(beta, margin), terms=terms)


def _policies(largest=None):
    """Log-ratios of every size, with advantages of both signs."""

    def points(info):
        x, y = _log_ratios(info)
        if largest is not None:
            x = np.minimum(x, y + info.dtype.type(np.log(largest)))
        signs = np.where(np.arange(x.size) % 2, 1.5, -0.5).reshape(x.shape)
        return x, y, {"advantages": signs.astype(info.dtype)}

    return points


def _policy(bound=4, largest=None, terms=None, **options):
    return row(
        ml.clipped_policy_loss, tokens.policy, _policies(largest), (bound,) * 3, terms, **options
    )


def _gate_terms(t):
    def terms(x, y, advantages):
        r = np.exp(x - y)
        slope = 4 * np.abs(advantages) * r * sigmoid(t * (r - 1)) * sigmoid(t * (1 - r))
        return 0.0, slope, slope * np.maximum(1, t * r)

    return terms


def _mean_log_probs(info):
    """Means of log-probabilities of a pair, from likely to unlikely."""
    size = -np.geomspace(1e-3, 7, 12)
    chosen, rejected = np.meshgrid(size, size * 0.9)
    x = np.stack([chosen, rejected], -1).reshape(-1, 2).astype(info.dtype)
    return x, 0 * x


def _odds_terms(beta):
    """Return the sizes of a curvature's terms; the term of the chosen answer has both signs."""

    def terms(x, _):
        p, complement = np.exp(x), -np.expm1(x)
        odds = p / complement
        q = 1 / (1 + odds[:, :1] / odds[:, 1:])
        bends = np.maximum(q * (1 - q), q * p)
        return 0.0, 0.0, beta * bends / complement**2

    return terms


OF_TOKENS = [
    *(
        _distillation(divergence, temperature)
        for divergence in ("forward", "reverse", "jsd")
        for temperature in (1.0, 0.125, 1024.0)
    ),
    # The quotient by a temperature that is no power of 2 is rounded.
    *(
        _distillation(divergence, 3.0, points=_moderate, bound=5 + 30 / 3)
        for divergence in ("forward", "reverse", "jsd")
    ),
    _distillation("jsd", 1.0, 1e-3),
    _distillation("jsd", 1.0, 0.999),
    *(
        row(ml.kl_penalty, tokens.kl_penalty, _log_ratios, estimator=estimator)
        for estimator in ("k1", "k2", "k3")
    ),
    *(
        row(ml.kto_loss, tokens.kto, _ratios(beta, kl), beta=beta, kl=kl)
        for beta, kl in [(1e-3, 0.0), (0.1, 0.0), (0.1, 0.3), (10.0, 300.0)]
    ),
    *(
        _preference("sigmoid", _sigmoid_terms(beta, s, margin), beta, margin, label_smoothing=s)
        for beta, s, margin in [
            (0.1, 0.0, 0.0),
            (0.1, 1e-6, 0.0),
            (2.0, 0.1, 1.6),
            (1e-3, 1.0, 0.0),
            (100.0, 0.5, 0.3),
        ]
    ),
    *(
        _preference("hinge", _hinge_terms(beta, margin), beta, margin)
        for beta, margin in [(0.1, 0.0), (1e-3, 0.3), (100.0, 0.0)]
    ),
    *(_preference("ipo", _ipo_terms(beta), beta) for beta in (1e-3, 0.1, 100.0)),
    *(_policy(loss_type="clip", epsilon_high=high) for high in (0.0, 0.28, 1e3)),
    *(_policy(loss_type="cispo", epsilon_high=high) for high in (1e-3, 0.28, 1e3)),
    _policy(epsilon_low=0.0, dual_clip=1.0),
    _policy(epsilon_low=1.0, dual_clip=3.0),
    # The exponential adds the rounding of t (r - 1), where r itself is off by 1 to 2 epsilons.
    *(
        _policy(
            4 + 2 * t * 3,
            3,
            _gate_terms(t),
            loss_type="sapo",
            sapo_temperature_pos=t,
            sapo_temperature_neg=t,
        )
        for t in (1e-3, 1.05, 10.0)
    ),
    # The logistic function multiplies the rounding of the logarithms of the odds, up to 7.
    *(
        Row(
            Case("orpo_loss", ml.orpo_loss, None, tokens.orpo, {"beta": beta}, class_axis=-1),
            _mean_log_probs,
            (4 + 7,) * 3,
            _odds_terms(beta),
        )
        for beta in (0.0, 0.1, 10.0)
    ),
]
