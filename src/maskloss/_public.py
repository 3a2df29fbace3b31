"""The public names of `maskloss`."""

from maskloss._count import count
from maskloss._evaluation.sparse_labels import Observed
from maskloss._evaluation.sums import Sums
from maskloss._fused.switch import fused
from maskloss._labels.class_weights import (
    balanced_pos_weight,
    class_balanced_weight,
    inverse_frequency_weight,
)
from maskloss._labels.entry_weights import distribution_balanced_weight, partial_label_weight
from maskloss._labels.fill_unobserved import fill_unobserved
from maskloss._labels.from_encoding import from_encoding
from maskloss._labels.from_table import LabelTable, from_table
from maskloss._labels.masked_score import masked_score
from maskloss._labels.merge_classes import merge_classes
from maskloss._labels.pairs_from_labels import pairs_from_labels
from maskloss._labels.propensity import propensity_weight
from maskloss._labels.sampled_mask import sampled_mask
from maskloss._labels.thresholds import hazard_labels, ordinal_labels
from maskloss._linear.distillation import linear_distillation_loss
from maskloss._linear.losses import linear_binary_cross_entropy, linear_cross_entropy
from maskloss._losses.binary.cross_entropy import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
)
from maskloss._losses.binary.focal import sigmoid_focal_loss
from maskloss._losses.binary.margin import hinge_loss, soft_margin_loss, squared_hinge_loss
from maskloss._losses.binary.poly import poly_loss
from maskloss._losses.categorical.candidates import candidate_cross_entropy
from maskloss._losses.categorical.cross_entropy import cross_entropy
from maskloss._losses.categorical.focal import softmax_focal_loss
from maskloss._losses.categorical.forward_correction import forward_corrected_cross_entropy
from maskloss._losses.categorical.generalized_cross_entropy import generalized_cross_entropy_loss
from maskloss._losses.categorical.log_probabilities import kl_div, nll_loss
from maskloss._losses.categorical.margin import multi_margin_loss
from maskloss._losses.categorical.symmetric_cross_entropy import (
    active_passive_loss,
    symmetric_cross_entropy,
)
from maskloss._losses.custom.masked_mean import masked_mean
from maskloss._losses.multilabel.margin import multilabel_margin_loss
from maskloss._losses.multilabel.soft_margin import multilabel_soft_margin_loss
from maskloss._losses.multilabel.two_way import two_way_loss
from maskloss._losses.multilabel.zlpr import zlpr_loss
from maskloss._losses.partial.asymmetric import asymmetric_loss
from maskloss._losses.partial.expected_positive import expected_positive_loss
from maskloss._losses.partial.gr import gr_loss
from maskloss._losses.partial.hill import hill_loss
from maskloss._losses.partial.large_loss import large_loss, large_losses
from maskloss._losses.partial.partial_bce import partial_bce_loss
from maskloss._losses.partial.positive_unlabelled import nnpu_loss
from maskloss._losses.partial.propensity import propensity_scored_loss
from maskloss._losses.partial.role import role_loss
from maskloss._losses.partial.selective_asymmetric import selective_asymmetric_loss
from maskloss._losses.partial.single_positive import assume_negative_loss, entropy_maximization_loss
from maskloss._losses.partial.splc import splc_loss
from maskloss._losses.ranking.cox import cox_loss
from maskloss._losses.ranking.list_mle import list_mle_loss
from maskloss._losses.ranking.pairwise import pairwise_hinge_loss, pairwise_logistic_loss
from maskloss._losses.ranking.softmax import softmax_ranking_loss
from maskloss._losses.regression.censored import censored_nll_loss
from maskloss._losses.regression.cosine import cosine_similarity_loss
from maskloss._losses.regression.ensemble_crps import ensemble_crps_loss
from maskloss._losses.regression.gamma_and_tweedie import gamma_nll_loss, tweedie_nll_loss
from maskloss._losses.regression.gaussian import gaussian_nll_loss
from maskloss._losses.regression.gaussian_crps import gaussian_crps_loss
from maskloss._losses.regression.huber import huber_loss, smooth_l1_loss
from maskloss._losses.regression.log_cosh import log_cosh_loss
from maskloss._losses.regression.negative_binomial import negative_binomial_nll_loss
from maskloss._losses.regression.poisson import poisson_nll_loss
from maskloss._losses.regression.quantile import quantile_loss
from maskloss._losses.regression.squared_and_absolute import l1_loss, mse_loss
from maskloss._losses.segmentation.overlap import dice_loss, jaccard_loss, tversky_loss
from maskloss._losses.tokens.distillation import distillation_loss
from maskloss._losses.tokens.kl_penalty import kl_penalty
from maskloss._losses.tokens.kto import kto_loss
from maskloss._losses.tokens.orpo import orpo_loss
from maskloss._losses.tokens.policy import clipped_policy_loss
from maskloss._losses.tokens.preference import preference_loss
from maskloss._losses.tokens.sequence import sequence_log_probability
from maskloss._objectives.head import Head
from maskloss._objectives.objective import MultiObjective
from maskloss._objectives.results import ObjectiveSums, ObjectiveValue
from maskloss._registry import REGISTRY, LossRecord
from maskloss._transforms import grad_and_hessian, value_and_grad

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

# Pickles, tracebacks and `help` show the public name instead of the private module.
for _name in __all__:
    globals()[_name].__module__ = "maskloss"


def records() -> list[LossRecord]:
    """Return the records of all losses, sorted by name."""
    return [REGISTRY[name] for name in sorted(REGISTRY)]
