"""Losses for incomplete labels, on every array library.

Losses of yes-or-no labels:
    binary_cross_entropy, binary_cross_entropy_with_logits, hinge_loss, poly_loss,
    sigmoid_focal_loss, soft_margin_loss, squared_hinge_loss
Losses of rows of yes-or-no labels:
    multilabel_margin_loss, multilabel_soft_margin_loss, two_way_loss, zlpr_loss
Losses of classes:
    active_passive_loss, candidate_cross_entropy, cross_entropy,
    forward_corrected_cross_entropy, generalized_cross_entropy_loss, kl_div, multi_margin_loss,
    nll_loss, softmax_focal_loss, symmetric_cross_entropy
Losses of labels that are partly unknown or wrong:
    assume_negative_loss, asymmetric_loss, entropy_maximization_loss, expected_positive_loss,
    gr_loss, hill_loss, large_loss, large_losses, nnpu_loss, partial_bce_loss,
    propensity_scored_loss, role_loss, selective_asymmetric_loss, splc_loss
Losses of numbers:
    censored_nll_loss, cosine_similarity_loss, ensemble_crps_loss, gamma_nll_loss,
    gaussian_crps_loss, gaussian_nll_loss, huber_loss, l1_loss, log_cosh_loss, mse_loss,
    negative_binomial_nll_loss, poisson_nll_loss, quantile_loss, smooth_l1_loss,
    tweedie_nll_loss
Losses of rankings and of survival:
    cox_loss, list_mle_loss, pairwise_hinge_loss, pairwise_logistic_loss, softmax_ranking_loss
Losses of regions of images:
    dice_loss, jaccard_loss, tversky_loss
Losses of language models:
    clipped_policy_loss, distillation_loss, kl_penalty, kto_loss, orpo_loss, preference_loss,
    sequence_log_probability
Losses of a linear layer, without all its logits in memory:
    linear_binary_cross_entropy, linear_cross_entropy, linear_distillation_loss
Your own losses:
    masked_mean
Derivatives, counts and several heads:
    value_and_grad, grad_and_hessian, count, fused, MultiObjective, Head, Sums, ObjectiveSums,
    ObjectiveValue, Observed
Labels and masks:
    from_table, LabelTable, from_encoding, fill_unobserved, sampled_mask, merge_classes,
    ordinal_labels, hazard_labels, pairs_from_labels
Weights:
    balanced_pos_weight, class_balanced_weight, inverse_frequency_weight,
    distribution_balanced_weight, partial_label_weight, propensity_weight
Metrics:
    masked_score

For frameworks: maskloss.boosting, .chemprop, .keras, .neuralforecast, .sklearn, .torch, .verl;
for tests of your own losses: .testing. Names that begin with an underscore are private.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ._public import *  # noqa: F403
    from ._public import __all__ as __all__

__version__ = "0.1.0"

# Hidden from type checkers, which would accept a misspelt name as an `object`.
if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        """Load all public names on the first access, so that an import takes almost no time."""
        if not name.startswith("_") or name == "__all__":
            public = _load()
            if name in public:
                return public[name]
        import sys

        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg, name=name, obj=sys.modules[__name__])


def __dir__() -> list[str]:
    return sorted({*globals(), *_load()})


def _load() -> dict[str, object]:
    from . import _public

    if not hasattr(_public, "__all__"):
        msg = (
            "maskloss is being imported, and this access interrupts that, as a signal handler can; "
            "access a loss, such as maskloss.mse_loss, before the handler is set"
        )
        raise ImportError(msg)
    names = {name: getattr(_public, name) for name in ("__all__", *_public.__all__)}
    for name, value in names.items():
        globals().setdefault(name, value)  # keeps the patches of tests
    return names


del TYPE_CHECKING
