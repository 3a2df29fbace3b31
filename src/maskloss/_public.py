"""The public names of `maskloss`."""

import inspect

from ._count import count
from ._evaluation.sparse_labels import Observed
from ._evaluation.sums import Sums
from ._fused.switch import fused
from ._labels.class_weights import (
    balanced_pos_weight,
    class_balanced_weight,
    inverse_frequency_weight,
)
from ._labels.entry_weights import distribution_balanced_weight, partial_label_weight
from ._labels.fill_unobserved import fill_unobserved
from ._labels.from_encoding import from_encoding
from ._labels.from_table import LabelTable, from_table
from ._labels.masked_score import masked_score
from ._labels.merge_classes import merge_classes
from ._labels.pairs_from_labels import pairs_from_labels
from ._labels.propensity import propensity_weight
from ._labels.sampled_mask import sampled_mask
from ._labels.thresholds import hazard_labels, ordinal_labels
from ._linear.distillation import linear_distillation_loss
from ._linear.losses import linear_binary_cross_entropy, linear_cross_entropy
from ._losses.binary.cross_entropy import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
)
from ._losses.binary.focal import sigmoid_focal_loss
from ._losses.binary.margin import hinge_loss, soft_margin_loss, squared_hinge_loss
from ._losses.binary.poly import poly_loss
from ._losses.categorical.candidates import candidate_cross_entropy
from ._losses.categorical.cross_entropy import cross_entropy
from ._losses.categorical.focal import softmax_focal_loss
from ._losses.categorical.forward_correction import forward_corrected_cross_entropy
from ._losses.categorical.generalized_cross_entropy import generalized_cross_entropy_loss
from ._losses.categorical.log_probabilities import kl_div, nll_loss
from ._losses.categorical.margin import multi_margin_loss
from ._losses.categorical.symmetric_cross_entropy import (
    active_passive_loss,
    symmetric_cross_entropy,
)
from ._losses.custom.masked_mean import masked_mean
from ._losses.multilabel.margin import multilabel_margin_loss
from ._losses.multilabel.soft_margin import multilabel_soft_margin_loss
from ._losses.multilabel.two_way import two_way_loss
from ._losses.multilabel.zlpr import zlpr_loss
from ._losses.partial.asymmetric import asymmetric_loss
from ._losses.partial.expected_positive import expected_positive_loss
from ._losses.partial.gr import gr_loss
from ._losses.partial.hill import hill_loss
from ._losses.partial.large_loss import large_loss, large_losses
from ._losses.partial.partial_bce import partial_bce_loss
from ._losses.partial.positive_unlabelled import nnpu_loss
from ._losses.partial.propensity import propensity_scored_loss
from ._losses.partial.role import role_loss
from ._losses.partial.selective_asymmetric import selective_asymmetric_loss
from ._losses.partial.single_positive import assume_negative_loss, entropy_maximization_loss
from ._losses.partial.splc import splc_loss
from ._losses.ranking.cox import cox_loss
from ._losses.ranking.list_mle import list_mle_loss
from ._losses.ranking.pairwise import pairwise_hinge_loss, pairwise_logistic_loss
from ._losses.ranking.softmax import softmax_ranking_loss
from ._losses.regression.censored import censored_nll_loss
from ._losses.regression.cosine import cosine_similarity_loss
from ._losses.regression.ensemble_crps import ensemble_crps_loss
from ._losses.regression.gamma_and_tweedie import gamma_nll_loss, tweedie_nll_loss
from ._losses.regression.gaussian import gaussian_nll_loss
from ._losses.regression.gaussian_crps import gaussian_crps_loss
from ._losses.regression.huber import huber_loss, smooth_l1_loss
from ._losses.regression.log_cosh import log_cosh_loss
from ._losses.regression.negative_binomial import negative_binomial_nll_loss
from ._losses.regression.poisson import poisson_nll_loss
from ._losses.regression.quantile import quantile_loss
from ._losses.regression.squared_and_absolute import l1_loss, mse_loss
from ._losses.segmentation.overlap import dice_loss, jaccard_loss, tversky_loss
from ._losses.tokens.distillation import distillation_loss
from ._losses.tokens.kl_penalty import kl_penalty
from ._losses.tokens.kto import kto_loss
from ._losses.tokens.orpo import orpo_loss
from ._losses.tokens.policy import clipped_policy_loss
from ._losses.tokens.preference import preference_loss
from ._losses.tokens.sequence import sequence_log_probability
from ._objectives.head import Head
from ._objectives.objective import MultiObjective
from ._objectives.results import ObjectiveSums, ObjectiveValue
from ._registry import REGISTRY, LossRecord, record_of
from ._signatures import show_types
from ._transforms import grad_and_hessian, value_and_grad

__all__ = [
    "Head",
    "LabelTable",
    "MultiObjective",
    "ObjectiveSums",
    "ObjectiveValue",
    "Observed",
    "Sums",
    "active_passive_loss",
    "assume_negative_loss",
    "asymmetric_loss",
    "balanced_pos_weight",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "candidate_cross_entropy",
    "censored_nll_loss",
    "class_balanced_weight",
    "clipped_policy_loss",
    "cosine_similarity_loss",
    "count",
    "cox_loss",
    "cross_entropy",
    "dice_loss",
    "distillation_loss",
    "distribution_balanced_weight",
    "ensemble_crps_loss",
    "entropy_maximization_loss",
    "expected_positive_loss",
    "fill_unobserved",
    "forward_corrected_cross_entropy",
    "from_encoding",
    "from_table",
    "fused",
    "gamma_nll_loss",
    "gaussian_crps_loss",
    "gaussian_nll_loss",
    "generalized_cross_entropy_loss",
    "gr_loss",
    "grad_and_hessian",
    "hazard_labels",
    "hill_loss",
    "hinge_loss",
    "huber_loss",
    "inverse_frequency_weight",
    "jaccard_loss",
    "kl_div",
    "kl_penalty",
    "kto_loss",
    "l1_loss",
    "large_loss",
    "large_losses",
    "linear_binary_cross_entropy",
    "linear_cross_entropy",
    "linear_distillation_loss",
    "list_mle_loss",
    "log_cosh_loss",
    "masked_mean",
    "masked_score",
    "merge_classes",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "negative_binomial_nll_loss",
    "nll_loss",
    "nnpu_loss",
    "ordinal_labels",
    "orpo_loss",
    "pairs_from_labels",
    "pairwise_hinge_loss",
    "pairwise_logistic_loss",
    "partial_bce_loss",
    "partial_label_weight",
    "poisson_nll_loss",
    "poly_loss",
    "preference_loss",
    "propensity_scored_loss",
    "propensity_weight",
    "quantile_loss",
    "role_loss",
    "sampled_mask",
    "selective_asymmetric_loss",
    "sequence_log_probability",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax_focal_loss",
    "softmax_ranking_loss",
    "splc_loss",
    "squared_hinge_loss",
    "symmetric_cross_entropy",
    "tversky_loss",
    "tweedie_nll_loss",
    "two_way_loss",
    "value_and_grad",
    "zlpr_loss",
]

for _name in __all__:
    _value = globals()[_name]
    # Pickles, tracebacks and `help` show the public name instead of the private module.
    _value.__module__ = "maskloss"
    if inspect.isfunction(_value) and record_of(_value) is None:
        show_types(_value)


def records() -> list[LossRecord]:
    """Return the records of all losses, sorted by name."""
    return [REGISTRY[name] for name in sorted(REGISTRY)]
