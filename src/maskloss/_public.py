"""All that `import maskloss` names."""

from maskloss._asymmetric import asymmetric_loss
from maskloss._binary import binary_cross_entropy, binary_cross_entropy_with_logits
from maskloss._categorical import cross_entropy
from maskloss._confidence import generalized_cross_entropy_loss, softmax_focal_loss
from maskloss._count import poisson_nll_loss
from maskloss._encodings import from_encoding
from maskloss._entry_weights import distribution_balanced_weight, partial_label_weight
from maskloss._expected_positive import expected_positive_loss
from maskloss._focal import poly_loss, sigmoid_focal_loss
from maskloss._gaussian import gaussian_nll_loss
from maskloss._heads import Head
from maskloss._hill import hill_loss
from maskloss._indexed import Observed
from maskloss._large import large_loss, large_losses
from maskloss._linear import linear_binary_cross_entropy, linear_cross_entropy
from maskloss._log_probabilities import kl_div, nll_loss
from maskloss._margin import hinge_loss, soft_margin_loss, squared_hinge_loss
from maskloss._multi_margin import multi_margin_loss
from maskloss._multilabel import multilabel_soft_margin_loss
from maskloss._multilabel_margin import multilabel_margin_loss
from maskloss._objective_results import ObjectiveSums, ObjectiveValue
from maskloss._objectives import MultiObjective
from maskloss._overlap import dice_loss, jaccard_loss, tversky_loss
from maskloss._partial_bce import partial_bce_loss
from maskloss._positive_unlabelled import nnpu_loss
from maskloss._ranking import pairwise_logistic_loss, softmax_ranking_loss
from maskloss._regression import l1_loss, mse_loss
from maskloss._robust import huber_loss, log_cosh_loss, quantile_loss, smooth_l1_loss
from maskloss._role import role_loss
from maskloss._sampling import sampled_mask
from maskloss._scores import masked_score
from maskloss._selective import selective_asymmetric_loss
from maskloss._similarity import cosine_similarity_loss
from maskloss._single_positive import assume_negative_loss, entropy_maximization_loss
from maskloss._splc import splc_loss
from maskloss._sums import Sums
from maskloss._tables import LabelTable, from_table
from maskloss._transforms import grad_and_hessian, value_and_grad
from maskloss._two_way import two_way_loss
from maskloss._weights import (
    balanced_pos_weight,
    class_balanced_weight,
    inverse_frequency_weight,
)
from maskloss._zlpr import zlpr_loss

__all__ = [
    "Head",
    "LabelTable",
    "MultiObjective",
    "ObjectiveSums",
    "ObjectiveValue",
    "Observed",
    "Sums",
    "assume_negative_loss",
    "asymmetric_loss",
    "balanced_pos_weight",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "class_balanced_weight",
    "cosine_similarity_loss",
    "cross_entropy",
    "dice_loss",
    "distribution_balanced_weight",
    "entropy_maximization_loss",
    "expected_positive_loss",
    "from_encoding",
    "from_table",
    "gaussian_nll_loss",
    "generalized_cross_entropy_loss",
    "grad_and_hessian",
    "hill_loss",
    "hinge_loss",
    "huber_loss",
    "inverse_frequency_weight",
    "jaccard_loss",
    "kl_div",
    "l1_loss",
    "large_loss",
    "large_losses",
    "linear_binary_cross_entropy",
    "linear_cross_entropy",
    "log_cosh_loss",
    "masked_score",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "nnpu_loss",
    "pairwise_logistic_loss",
    "partial_bce_loss",
    "partial_label_weight",
    "poisson_nll_loss",
    "poly_loss",
    "quantile_loss",
    "role_loss",
    "sampled_mask",
    "selective_asymmetric_loss",
    "sigmoid_focal_loss",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax_focal_loss",
    "softmax_ranking_loss",
    "splc_loss",
    "squared_hinge_loss",
    "tversky_loss",
    "two_way_loss",
    "value_and_grad",
    "zlpr_loss",
]

# What users pickle, read in a traceback or look up is found under the public name, wherever the
# module that defines it lies.
for _name in __all__:
    globals()[_name].__module__ = "maskloss"
