"""Losses with options at their usual values and at their ends, and the bounds that they keep."""

import numpy as np

import maskloss as ml
from helpers.case import Case
from tables.exactness.of_bounds import OF_BOUNDS
from tables.exactness.of_classes import OF_CLASSES
from tables.exactness.of_lists import OF_LISTS
from tables.exactness.of_numbers import OF_NUMBERS
from tables.exactness.of_partial import OF_PARTIAL
from tables.exactness.of_tokens import OF_TOKENS
from tables.exactness.points import (
    assumed_negative_terms,
    confident,
    cross_entropy_terms,
    durations,
    hazard_terms,
    hill_terms,
    log_means,
    logit_regions,
    logits,
    negative_binomial_terms,
    numbers,
    order_terms,
    orders,
    overlap_terms,
    pixel_terms,
    pixels,
    propensity_terms,
    rate_terms,
    rates,
    regions,
    role_terms,
    rows_of_one,
    soft,
    soft_probabilities,
    soft_rows,
    softmax_terms,
    table,
    threshold_terms,
    tweedie_terms,
)
from tables.exactness.row import Row, row
from tables.oracles import (
    binary,
    categorical,
    likelihoods,
    multilabel,
    partial,
    ranking,
    regression,
    segmentation,
)


def asymmetric(clip, gamma, **options):
    epsilons = (3.5 + 2 * max(gamma, 1.0),) * 3  # gamma_pos is 1
    # From the focus of 5 on, the power underflows at the first floats above the root.
    points = logits(0, 1, floats_above=[np.log(clip / (1 - clip))], largest=0.9 / (1 + gamma))
    return row(
        ml.asymmetric_loss,
        partial.asymmetric,
        points,
        epsilons,
        clip=clip,
        gamma_neg=gamma,
        **options,
    )


ROWS = [
    *OF_BOUNDS,
    *OF_CLASSES,
    *OF_LISTS,
    *OF_NUMBERS,
    *OF_PARTIAL,
    *OF_TOKENS,
    *(
        row(
            ml.binary_cross_entropy_with_logits,
            binary.with_logits,
            soft,
            terms=cross_entropy_terms(smoothing),
            label_smoothing=smoothing,
        )
        for smoothing in (0.0, 1e-6, 0.1, 1.0)
    ),
    row(ml.binary_cross_entropy, binary.probabilities, soft_probabilities),
    Row(
        Case(
            "multilabel_soft_margin_loss",
            ml.multilabel_soft_margin_loss,
            None,
            multilabel.multilabel_soft_margin,
            class_axis=-1,
            coupled=True,
        ),
        rows_of_one,
        terms=cross_entropy_terms(0.0),
    ),
    *(
        row(
            ml.propensity_scored_loss,
            partial.propensity_scored,
            soft,
            terms=propensity_terms(weight),
            propensity_weight=weight,
        )
        for weight in (1.0, 1.0000001, 1.5, 1e6)
    ),
    *(
        row(
            ml.assume_negative_loss,
            partial.assume_negative,
            logits(1, 0, -1),
            terms=assumed_negative_terms(smoothing),
            label_smoothing=smoothing,
        )
        for smoothing in (0.0, 1e-6, 0.1, 1.0)
    ),
    Row(
        Case(
            "role_loss",
            ml.role_loss,
            None,
            partial.role(3),
            {"expected_positives": 1.0},
            coupled=True,
            is_whole=True,
        ),
        confident,
        terms=role_terms,
    ),
    *(
        Row(
            Case(loss.__name__, loss, None, oracle, options, class_axis=-1),
            soft_rows(*labels),
            (4 + 2 * options.get("gamma", 0.0),) * 3,
            softmax_terms(options.get("label_smoothing", 0.0)),
            name=f"labels={labels}",
        )
        for labels in [
            (0.0, 1.0, 0.0, 0.1, 0.7, 0.2),
            (1e-8, 1.0, 0.0, 1e-30, 1.0, 1e-3),
        ]
        for loss, oracle, options in [
            (ml.cross_entropy, categorical.cross_entropy, {}),
            (ml.cross_entropy, categorical.cross_entropy, {"label_smoothing": 1e-6}),
            (ml.cross_entropy, categorical.cross_entropy, {"label_smoothing": 0.1}),
            (ml.softmax_focal_loss, categorical.softmax_focal, {"gamma": 0.0}),
            (ml.softmax_focal_loss, categorical.softmax_focal, {"gamma": 2.0}),
            (
                ml.generalized_cross_entropy_loss,
                categorical.generalized_cross_entropy,
                {"q": 0.7},
            ),
            (
                ml.generalized_cross_entropy_loss,
                categorical.generalized_cross_entropy,
                {"q": 1.0},
            ),
        ]
    ),
    *(
        Row(
            Case(
                loss.__name__,
                loss,
                None,
                oracle,
                {"spatial_axes": -1, **options},
                class_axis=-1,
                coupled=True,
            ),
            points,
            (4, 5, 4),
            overlap_terms(weight, **options),
        )
        for loss, oracle, weight in [
            (ml.dice_loss, segmentation.dice, 0.5),
            (ml.jaccard_loss, segmentation.jaccard, 1.0),
        ]
        for smooth in (0.0, 1e-7, 1.0)
        for squared in (False, True)
        for points, options in [
            (regions, {"smooth": smooth, "squared": squared}),
            (logit_regions, {"smooth": smooth, "squared": squared, "activation": "sigmoid"}),
        ]
    ),
    *(
        Row(
            Case(
                "dice_loss",
                ml.dice_loss,
                None,
                segmentation.dice_of_softmax,
                {"spatial_axes": 1, "class_axis": -1, "activation": "softmax", **options},
                class_axis=1,
                coupled=True,
                of_pixels=True,
            ),
            pixels,
            (4, 4, 6),
            terms=pixel_terms(0.5, **options),
        )
        for options in [
            {"smooth": smooth, "squared": squared}
            for smooth in (0.0, 1.0)
            for squared in (False, True)
        ]
    ),
    *(
        Row(
            Case(
                "zlpr_loss",
                ml.zlpr_loss,
                None,
                multilabel.zlpr,
                class_axis=-1,
                coupled=True,
            ),
            soft_rows(*labels),
            terms=threshold_terms,
            name=f"labels={labels}",
        )
        for labels in [(0.0, 1.0, 1.0, 0.0, 0.0, 1.0), (1e-30, 0.3, 0.9), (1e-42, 1 - 1e-6, 0.5)]
    ),
    Row(
        Case(
            "list_mle_loss",
            ml.list_mle_loss,
            None,
            ranking.list_mle,
            class_axis=-1,
            coupled=True,
        ),
        orders,
        terms=order_terms,
    ),
    *(
        Row(
            Case(
                "two_way_loss",
                ml.two_way_loss,
                None,
                multilabel.two_way_of_shapes((24, 4), class_axis=-1),
                {"positive_temperature": positive, "negative_temperature": negative},
                coupled=True,
                is_whole=True,
            ),
            table,
            (4, 5.5, 5.5),
        )
        for positive, negative in [(4.0, 1.0), (3.0, 0.7), (0.1, 10.0), (1e-3, 1e3)]
    ),
    *(
        row(
            ml.sigmoid_focal_loss,
            binary.sigmoid_focal,
            logits(0, 1, largest=0.9 / (1 + gamma)),
            (max(4, 2.5 + gamma),) * 3,
            alpha=alpha,
            gamma=gamma,
        )
        for alpha, gamma in [(0.25, 0.0), (0.0, 0.5), (0.25, 2.0), (1.0, 5.0)]
    ),
    *(
        row(ml.poly_loss, binary.poly, logits(0, 1), (bound,) * 3, epsilon=epsilon)
        for epsilon, bound in [(-1.0, 6), (-0.9, 6), (0.0, 4), (1.0, 4), (10.0, 4)]
    ),
    *(
        row(
            ml.entropy_maximization_loss,
            partial.entropy_maximization,
            logits(1, 0, -1),
            (5.5,) * 3,
            alpha=alpha,
            negative_weight=weight,
        )
        for alpha, weight in [(0.0, 0.0), (0.1, 1.0), (10.0, 0.5)]
    ),
    row(ml.log_cosh_loss, regression.log_cosh, numbers(-1.0, 0.999, 1.1), (4, 4, 5)),
    *(
        row(ml.huber_loss, regression.huber, numbers(-1.0, 0.999, 1.1), delta=delta)
        for delta in (1e-3, 1.0, 1e5)
    ),
    *(
        row(ml.smooth_l1_loss, regression.smooth_l1, numbers(-1.0, 0.999, 1.1), beta=beta)
        for beta in (1e-3, 2.0)
    ),
    *(
        row(
            ml.hill_loss,
            partial.hill,
            logits(0, 1, largest=0.32),
            (5, 7, 7),
            hill_terms(lam),
            lam=lam,
        )
        for lam in (0.0, 0.5, 1.0, 1.1, 1.25, 1.5, 100.0)
    ),
    # A margin by which the difference x - m is rounded.
    row(ml.hill_loss, partial.hill, logits(1, largest=0.32), (5, 7, 7), margin=0.3),
    row(ml.splc_loss, partial.splc, logits(1, largest=0.32), (5, 5, 6), margin=0.3),
    *(
        row(
            ml.splc_loss,
            partial.splc,
            logits(1, 0, -1, floats_above=[np.log(0.6 / 0.4)], largest=0.32),
            (5, 5, 5),
            threshold=threshold,
        )
        for threshold in (0.0, 0.6, 0.999, 1.0)
    ),
    *(
        row(
            ml.quantile_loss,
            regression.pinball,
            numbers(-1.0, 0.5, 1.1, 3.0),
            quantile=quantile,
        )
        for quantile in (0.0, 0.01, 0.5, 0.99, 0.999999, 1.0)
    ),
    *(
        row(
            ml.poisson_nll_loss,
            regression.poisson,
            rates,
            terms=rate_terms(eps),
            log_input=False,
            eps=eps,
        )
        for eps in (0.0, 1e-8, 0.3, 1.0)
    ),
    *(
        row(
            ml.negative_binomial_nll_loss,
            likelihoods.negative_binomial,
            log_means,
            terms=negative_binomial_terms(dispersion),
            dispersion=dispersion,
        )
        for dispersion in (1e-3, 0.3, 1e3)
    ),
    *(
        row(
            ml.tweedie_nll_loss,
            likelihoods.tweedie,
            log_means,
            terms=tweedie_terms(power),
            power=power,
        )
        for power in (1.000001, 1.5, 1.9999)
    ),
    *(
        Row(
            Case(
                "cox_loss",
                ml.cox_loss,
                None,
                ranking.cox,
                {"ties": ties, "list_axis": -1},
                class_axis=-1,
                coupled=True,
            ),
            durations,
            terms=hazard_terms,
        )
        for ties in ("efron", "breslow")
    ),
    *(asymmetric(clip, gamma) for clip in (0.05, 0.5, 1e-3) for gamma in (0.0, 1.0, 4.0)),
    *(asymmetric(clip, 2.0, constant_focus=False) for clip in (0.05, 0.9)),
]
