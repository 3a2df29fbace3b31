"""Losses of language models beside plain formulas, and what the table of cases does not hold."""

import functools
import math

import numpy as np
import pytest

import maskloss as ml
from helpers.frameworks import FRAMEWORKS, asnumpy
from helpers.problems import entry_parts, native

RNG = np.random.default_rng(0)
LOGITS = RNG.normal(0, 2, (2, 4, 5))
LABELS = np.asarray([[-100, 1, 4, 0], [-100, -100, 2, -100]])


def _log_softmax(x):
    return x - np.log(np.exp(x).sum(-1, keepdims=True))


@pytest.mark.parametrize("shift", [False, True])
@pytest.mark.parametrize("mean", [False, True])
def test_the_log_probability_of_a_sequence(backend, shift, mean):
    log = _log_softmax(LOGITS)
    want = np.zeros(2)
    for b in range(2):
        tokens = [(t, k) for t, k in enumerate(LABELS[b]) if k >= 0 and (t or not shift)]
        want[b] = sum(log[b, t - shift, k] for t, k in tokens)
        want[b] /= len(tokens) if mean else 1
    logits, labels = native(backend, LOGITS), backend.asarray(LABELS)
    got = ml.sequence_log_probability(logits, labels, shift=shift, mean=mean)
    np.testing.assert_allclose(asnumpy(got), want, rtol=1e-5)
    mask = backend.asarray(LABELS >= 0)
    cleaned = backend.asarray(np.where(LABELS < 0, 0, LABELS))
    again = ml.sequence_log_probability(
        logits, cleaned, mask=mask, missing=None, shift=shift, mean=mean
    )
    np.testing.assert_array_equal(asnumpy(again), asnumpy(got))


def test_sequences_along_several_axes(backend):
    logits, labels = np.stack([LOGITS, LOGITS[::-1]], 1), np.stack([LABELS, LABELS[::-1]], 1)
    got = ml.sequence_log_probability(native(backend, logits), backend.asarray(labels))
    of_one = native(backend, LOGITS), backend.asarray(LABELS)
    want = asnumpy(ml.sequence_log_probability(*of_one, shift=False, mean=False))
    np.testing.assert_allclose(asnumpy(got), np.stack([want, want[::-1]], 1), rtol=1e-6)
    mask = backend.asarray(np.asarray([[[True], [False]], [[False], [True]]]))
    shifted = ml.sequence_log_probability(
        native(backend, logits), backend.asarray(labels), mask=mask, shift=True
    )
    np.testing.assert_array_equal(asnumpy(shifted) == 0, ~asnumpy(mask)[..., 0])


def test_a_mask_of_sequences_is_not_shifted(backend):
    arrays = native(backend, LOGITS), backend.asarray(LABELS)
    for mask in (backend.asarray(np.asarray([[True], [False]])), [[True] * 4, [False] * 4]):
        got = asnumpy(ml.sequence_log_probability(*arrays, mask=mask, shift=True))
        assert [*(got == 0)] == [False, True]


def test_a_preference_without_a_reference(backend):
    x = native(backend, [[-1.0, -2.0], [-3.0, -1.0]])
    value, gradient, hessian = entry_parts(ml.preference_loss, x, beta=2.0, margin=1.0)
    z = 2 * np.asarray([1.0, -2.0]) - 1
    p = 1 / (1 + np.exp(z))
    np.testing.assert_allclose(value, np.log1p(np.exp(-z)), rtol=1e-5)
    np.testing.assert_allclose(gradient, np.stack([-2 * p, 2 * p], -1), rtol=1e-5)
    np.testing.assert_allclose(hessian, np.stack([4 * p * (1 - p)] * 2, -1), rtol=1e-5)
    missing = native(backend, [[-1.0, -2.0], [np.nan, -1.0]])
    value, gradient, _ = entry_parts(ml.preference_loss, missing, missing=math.nan)
    assert value[1] == 0
    assert not gradient[1].any()


def test_a_preference_is_the_cross_entropy_of_its_margin(backend):
    x, r = native(backend, [[-1.0, -2.0]]), native(backend, [[-1.5, -1.0]])
    z = native(backend, [0.1 * 1.5])
    got = ml.preference_loss(x, r, label_smoothing=0.2)
    want = ml.binary_cross_entropy_with_logits(z, native(backend, [0.8]))
    assert float(got) == pytest.approx(float(want), rel=1e-5)


def test_an_impossible_rejected_sequence_leaves_the_first_term(backend):
    pair = native(backend, [[-1.0, -math.inf]])
    value, slope, _ = entry_parts(ml.orpo_loss, pair)
    np.testing.assert_array_equal(value, [1])
    np.testing.assert_array_equal(slope, [[-1, 0]])


def test_pairs_are_two(backend):
    x = native(backend, np.zeros((2, 3)))
    for loss in (ml.preference_loss, ml.orpo_loss):
        with pytest.raises(ValueError, match=r"2 sequences along `pair_axis`.*got 3"):
            loss(x)


@pytest.mark.parametrize("loss_type", ["clip", "cispo", "sapo"])
@pytest.mark.parametrize("level", ["token", "sequence"])
def test_infinite_ratios_and_nan(backend, loss_type, level):
    """An infinite ratio has no effect where it is clipped; a NaN stays visible."""
    old = native(backend, [[-200.0, -200.0, -1.0]])
    new = native(backend, [[-1.0, -1.0, -1.0]])
    keywords = {"loss_type": loss_type, "importance_sampling_level": level}
    for advantage in (2.0, 0.0):
        parts = entry_parts(ml.clipped_policy_loss, new, old, advantage, **keywords)
        assert all(np.isfinite(part).all() for part in parts)
    bad = native(backend, [[np.nan, -1.0, -1.0]])
    value = asnumpy(ml.clipped_policy_loss(bad, old, 1.0, reduction="none", **keywords))
    assert np.isnan(value[0] if level == "sequence" else value[0, 0])


def test_sequences_lie_along_the_last_axis(backend):
    new, old = np.random.default_rng(0).normal(-2, 0.3, (2, 2, 3, 4))
    got = ml.clipped_policy_loss(
        native(backend, new),
        native(backend, old),
        1.0,
        importance_sampling_level="sequence",
        epsilon_high=1e3,
        reduction="none",
    )
    np.testing.assert_allclose(asnumpy(got), -np.exp((new - old).mean(-1)), rtol=1e-5)


@pytest.mark.parametrize("loss_type", ["clip", "cispo"])
@pytest.mark.parametrize("advantage", [2.0, -2.0])
def test_a_ratio_at_its_bound_is_not_clipped(backend, loss_type, advantage):
    """In the first step every ratio is 1; here the bound is 1 too."""
    x = native(backend, [[-1.0, -2.0]])
    options = {"loss_type": loss_type, "epsilon_high": 0.0}
    if loss_type == "clip":
        options |= {"epsilon_low": 0.0, "dual_clip": 1.0}
    _, slope, curvature = entry_parts(ml.clipped_policy_loss, x, x, advantage, **options)
    np.testing.assert_allclose(slope, [[-advantage] * 2], rtol=1e-6)
    np.testing.assert_allclose(curvature, [[-advantage] * 2], rtol=1e-6)


def test_a_pair_at_the_kink_of_the_hinge_has_no_slope(backend):
    value, slope, _ = entry_parts(
        ml.preference_loss, native(backend, [[0.0, -2.0]]), loss_type="hinge", beta=0.5
    )
    assert value == 0
    assert not slope.any()


def test_the_penalty_of_almost_equal_models(backend):
    """exp(d) - d - 1 as written has an error of 100 % in float32."""
    d = 1e-4
    x, y = native(backend, [0.0]), native(backend, [d])
    got = float(ml.kl_penalty(x, y))
    assert got == pytest.approx(math.expm1(float(np.float32(d))) - float(np.float32(d)), rel=1e-4)
    infinite = entry_parts(
        ml.kl_penalty, native(backend, [-math.inf, 0]), native(backend, [0, -math.inf])
    )
    np.testing.assert_array_equal(infinite[0], [math.inf, math.inf])
    np.testing.assert_array_equal(infinite[1], [-math.inf, 1])


@pytest.mark.parametrize("divergence", ["forward", "jsd"])
def test_classes_that_the_teacher_excludes(backend, divergence):
    x, y = RNG.normal(0, 1, (2, 3)), RNG.normal(0, 1, (2, 3))
    padded = np.concatenate([y, np.full((2, 1), -np.inf)], -1)
    wide = np.concatenate([x, np.ones((2, 1))], -1)
    parts = entry_parts(
        ml.distillation_loss, native(backend, wide), native(backend, padded), divergence=divergence
    )
    assert all(np.isfinite(part).all() for part in parts)
    left = native(backend, np.asarray([1, 1, 1, 0]), "bool")
    left_out = entry_parts(
        ml.distillation_loss,
        native(backend, np.where(np.isinf(padded), np.nan, wide)),
        native(backend, np.where(np.isinf(padded), 7.0, padded)),
        divergence=divergence,
        class_mask=left,
    )
    want = entry_parts(
        ml.distillation_loss, native(backend, x), native(backend, y), divergence=divergence
    )
    np.testing.assert_allclose(left_out[0], want[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(left_out[1][:, :3], want[1], rtol=1e-4, atol=1e-6)


def test_the_slope_of_two_confident_models_is_that_of_what_they_doubt(backend):
    """The difference of two probabilities near 1 as written has an error of 2 % in float32."""
    x, y = native(backend, [[12.0, 0.0]]), native(backend, [[13.0, 0.0]])
    _, slope, _ = entry_parts(ml.distillation_loss, x, y)
    want = 1 / (1 + math.exp(13)) - 1 / (1 + math.exp(12))
    np.testing.assert_allclose(slope, [[want, -want]], rtol=1e-5)


@pytest.mark.parametrize("divergence", ["reverse", "jsd"])
def test_classes_that_the_student_excludes(backend, divergence):
    """And one that both exclude."""
    x, y = np.asarray([[0.0, 1.0, -np.inf, -np.inf]]), np.asarray([[0.5, 0.0, 1.0, -np.inf]])
    q, p = (np.exp(v) / np.exp(v).sum() for v in (x, y))
    other = p if divergence == "reverse" else (p + q) / 2
    pull = np.log(q[:, :2] / other[:, :2])
    mean = (q[:, :2] * pull).sum()
    slope, value = np.zeros((1, 4)), mean
    slope[:, :2] = q[:, :2] * (pull - mean)
    if divergence == "jsd":
        slope /= 2
        value = (mean + (p[:, :3] * np.log(p[:, :3] / other[:, :3])).sum()) / 2
    got = entry_parts(
        ml.distillation_loss, native(backend, x), native(backend, y), divergence=divergence
    )
    np.testing.assert_allclose(got[0], [value], rtol=1e-5)
    np.testing.assert_allclose(got[1], slope, rtol=1e-5)
    assert np.isfinite(got[2]).all()


def test_distillation_from_a_teacher_that_excludes_a_class_is_not_that_of_close_ones(backend):
    """Its probability is 0, however close the other logits are."""
    x, y = np.zeros((1, 3)), np.asarray([[0.0, 0.0, -np.inf]])
    p, q = np.asarray([1 / 2, 1 / 2, 0]), np.full(3, 1 / 3)
    middle = (p + q) / 2
    of_teacher, of_student = np.log(p[0] / middle[0]), (q * np.log(q / middle)).sum()
    for divergence, want in (("forward", np.log(1.5)), ("jsd", (of_teacher + of_student) / 2)):
        got = ml.distillation_loss(native(backend, x), native(backend, y), divergence=divergence)
        np.testing.assert_allclose(float(asnumpy(got)), want, rtol=1e-6)


@pytest.mark.needs("torch")
def test_distillation_is_the_divergence_of_torch(backend):
    import torch
    import torch.nn.functional as F

    x, y = torch.randn(4, 6, dtype=torch.float64), torch.randn(4, 6, dtype=torch.float64)
    p, q = (F.log_softmax(v / 2, -1) for v in (y, x))
    want = {
        "forward": 4 * F.kl_div(q, p, log_target=True, reduction="batchmean"),
        "reverse": 4 * F.kl_div(p, q, log_target=True, reduction="batchmean"),
    }
    for divergence, value in want.items():
        got = ml.distillation_loss(x, y, divergence=divergence, temperature=2.0)
        torch.testing.assert_close(got, value)


@pytest.mark.needs("autodiff")
def test_one_gradient_from_logits_to_preference(backend):
    framework = FRAMEWORKS[backend.name]
    labels = backend.asarray(np.stack([LABELS, LABELS[::-1]], 1))
    logits = native(backend, np.stack([LOGITS, LOGITS[::-1]], 1))

    def loss(x):
        return ml.preference_loss(ml.sequence_log_probability(x, labels, shift=True), beta=0.5)

    gradient = asnumpy(framework.grad(loss, logits))
    assert np.isfinite(gradient).all()
    assert gradient[:, :, 1].any()
    assert not gradient[:, :, 3].any()  # no token follows the last one


_sapo = functools.partial(ml.clipped_policy_loss, advantages=1.0, loss_type="sapo")
_of_sequences = functools.partial(
    ml.clipped_policy_loss, advantages=1.0, importance_sampling_level="sequence"
)


@pytest.mark.parametrize(
    ("call", "error", "says"),
    [
        (lambda x: ml.clipped_policy_loss(x, x, None), TypeError, "`advantages` must be a number"),
        (lambda x: ml.clipped_policy_loss(x, x, math.nan), ValueError, "be numbers, got nan"),
        (lambda x: ml.clipped_policy_loss(x, x, x[:, 0]), ValueError, "`advantages` must be a sc"),
        (lambda x: ml.clipped_policy_loss(x, x, 1.0, loss_type="ppo"), ValueError, "`loss_type`"),
        (lambda x: ml.clipped_policy_loss(x, x, 1.0, dual_clip=0.5), ValueError, "`dual_clip`"),
        (lambda x: _sapo(x, x, sapo_temperature_pos=0.0), ValueError, "`sapo_temperature_pos`"),
        (lambda x: _sapo(x, x, sapo_temperature_neg=0.0), ValueError, "`sapo_temperature_neg`"),
        (lambda x: _of_sequences(x, x, class_weight=[1.0, 2.0]), TypeError, "is for tokens"),
        (lambda x: ml.kl_penalty(x, x, estimator="k4"), ValueError, "`estimator` must be one of"),
        (lambda x: ml.distillation_loss(x, x, beta=1.0), ValueError, "above 0.*'reverse'"),
        (lambda x: ml.distillation_loss(x, x, temperature=0.0), ValueError, "`temperature`"),
        (lambda x: ml.distillation_loss(x, x, beta=0.0), ValueError, "above 0.*'forward'"),
        (lambda x: ml.distillation_loss(x, x[:, 0]), ValueError, "`teacher_logits`.*shape"),
        (lambda x: ml.kto_loss(x, x, beta=0.0), ValueError, "`beta`"),
        (lambda x: ml.preference_loss(x, x, loss_type="kto"), ValueError, "`loss_type`"),
        (lambda x: ml.preference_loss(x, x, beta=0.0), ValueError, "`beta`"),
        (lambda x: ml.preference_loss(x, x[:, 0]), ValueError, "`ref_log_probs`.*shape"),
        (lambda x: ml.orpo_loss(x, x[:, 0]), ValueError, "shape"),
        (lambda x: ml.sequence_log_probability(x, [1], shift=True), TypeError, "`labels` must be"),
        (lambda x: ml.sequence_log_probability(x, x, shift=True), ValueError, "axis of classes"),
    ],
    ids=range(20),
)
def test_mistakes(backend, call, error, says):
    with pytest.raises(error, match=says):
        call(native(backend, -np.ones((3, 2))))
