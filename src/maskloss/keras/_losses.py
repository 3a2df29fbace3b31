"""The losses: under Keras' name with `Masked` in front where Keras has the same one, else ours.

The same is what gives the same number where nothing is missing, and has the same defaults. Our
names are those of the functions, in the spelling of `maskloss.torch`.
"""

from __future__ import annotations

import maskloss as ml
from maskloss._losses.categorical.probabilities import cross_entropy_of_probabilities
from maskloss.keras._base import MaskedLoss


class MaskedBinaryCrossentropy(
    MaskedLoss,
    function=ml.binary_cross_entropy_with_logits,
    of_probabilities=ml.binary_cross_entropy,
): ...


class MaskedCategoricalCrossentropy(
    MaskedLoss,
    function=ml.cross_entropy,
    of_probabilities=cross_entropy_of_probabilities,
): ...


class MaskedHuber(MaskedLoss, function=ml.huber_loss): ...


class MaskedLogCosh(MaskedLoss, function=ml.log_cosh_loss): ...


class MaskedMeanAbsoluteError(MaskedLoss, function=ml.l1_loss): ...


class MaskedMeanSquaredError(MaskedLoss, function=ml.mse_loss): ...


class MaskedPoisson(MaskedLoss, function=ml.poisson_nll_loss, log_input=False, eps=1e-7): ...


class MaskedSparseCategoricalCrossentropy(
    MaskedLoss,
    function=ml.cross_entropy,
    of_probabilities=cross_entropy_of_probabilities,
): ...


class AssumeNegativeLoss(MaskedLoss, function=ml.assume_negative_loss): ...


class AsymmetricLoss(MaskedLoss, function=ml.asymmetric_loss): ...


class CosineSimilarityLoss(MaskedLoss, function=ml.cosine_similarity_loss): ...


class DiceLoss(MaskedLoss, function=ml.dice_loss): ...


class EntropyMaximizationLoss(MaskedLoss, function=ml.entropy_maximization_loss): ...


class ExpectedPositiveLoss(MaskedLoss, function=ml.expected_positive_loss): ...


class GeneralizedCrossEntropyLoss(MaskedLoss, function=ml.generalized_cross_entropy_loss): ...


class HillLoss(MaskedLoss, function=ml.hill_loss): ...


class HingeLoss(MaskedLoss, function=ml.hinge_loss): ...


class JaccardLoss(MaskedLoss, function=ml.jaccard_loss): ...


class KLDivLoss(MaskedLoss, function=ml.kl_div): ...


class LargeLoss(MaskedLoss, function=ml.large_loss): ...


class MultiLabelMarginLoss(MaskedLoss, function=ml.multilabel_margin_loss): ...


class MultiLabelSoftMarginLoss(MaskedLoss, function=ml.multilabel_soft_margin_loss): ...


class MultiMarginLoss(MaskedLoss, function=ml.multi_margin_loss): ...


class NLLLoss(MaskedLoss, function=ml.nll_loss): ...


class NNPULoss(MaskedLoss, function=ml.nnpu_loss): ...


class PairwiseLogisticLoss(MaskedLoss, function=ml.pairwise_logistic_loss): ...


class PartialBCELoss(MaskedLoss, function=ml.partial_bce_loss): ...


class PolyLoss(MaskedLoss, function=ml.poly_loss): ...


class QuantileLoss(MaskedLoss, function=ml.quantile_loss): ...


class SelectiveAsymmetricLoss(MaskedLoss, function=ml.selective_asymmetric_loss): ...


class SigmoidFocalLoss(MaskedLoss, function=ml.sigmoid_focal_loss): ...


class SmoothL1Loss(MaskedLoss, function=ml.smooth_l1_loss): ...


class SoftMarginLoss(MaskedLoss, function=ml.soft_margin_loss): ...


class SoftmaxFocalLoss(MaskedLoss, function=ml.softmax_focal_loss): ...


class SoftmaxRankingLoss(MaskedLoss, function=ml.softmax_ranking_loss): ...


class SPLCLoss(MaskedLoss, function=ml.splc_loss): ...


class SquaredHingeLoss(MaskedLoss, function=ml.squared_hinge_loss): ...


class TverskyLoss(MaskedLoss, function=ml.tversky_loss): ...


class TwoWayLoss(MaskedLoss, function=ml.two_way_loss): ...


class ZLPRLoss(MaskedLoss, function=ml.zlpr_loss): ...
