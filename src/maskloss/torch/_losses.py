"""The losses that `torch.nn` has no modules for."""

import maskloss as ml
from maskloss.torch._module import LossModule


class AssumeNegativeLoss(LossModule, loss=ml.assume_negative_loss):
    """Cross-entropy that takes what is unannotated for negative (AN)."""


class AsymmetricLoss(LossModule, loss=ml.asymmetric_loss):
    """Asymmetric loss (ASL): cross-entropy in which confident negatives count least."""


class CosineSimilarityLoss(LossModule, loss=ml.cosine_similarity_loss):
    """1 minus the cosine of the angle between two rows."""


class DiceLoss(LossModule, loss=ml.dice_loss):
    """Dice loss: 1 minus twice the overlap of two regions by the sum of their sizes."""


class EntropyMaximizationLoss(LossModule, loss=ml.entropy_maximization_loss):
    """Cross-entropy of what is annotated, less the entropy of what is not (EM)."""


class ExpectedPositiveLoss(LossModule, loss=ml.expected_positive_loss):
    """Cross-entropy of what is annotated, with as many positives as are expected (EPR)."""


class GeneralizedCrossEntropyLoss(LossModule, loss=ml.generalized_cross_entropy_loss):
    """Generalized cross-entropy of softmax, bounded, and so robust to wrong labels."""


class HillLoss(LossModule, loss=ml.hill_loss):
    """Hill loss: negatives far on the wrong side may be missed positives, and stop pulling."""


class HingeLoss(LossModule, loss=ml.hinge_loss):
    """Hinge loss of labels -1 and 1."""


class JaccardLoss(LossModule, loss=ml.jaccard_loss):
    """Jaccard loss: 1 minus the intersection of two regions over their union."""


class LargeLoss(LossModule, loss=ml.large_loss):
    """Cross-entropy without the largest losses of what is assumed to be negative (LL)."""


class LinearBinaryCrossEntropyLoss(LossModule, loss=ml.linear_binary_cross_entropy):
    """Binary cross-entropy of a linear layer, without all of the logits in memory at a time."""


class LogCoshLoss(LossModule, loss=ml.log_cosh_loss):
    """Logarithm of the hyperbolic cosine of the error."""


class NNPULoss(LossModule, loss=ml.nnpu_loss):
    """Non-negative risk of positive and unlabelled samples (nnPU)."""


class PairwiseLogisticLoss(LossModule, loss=ml.pairwise_logistic_loss):
    """Pairwise logistic loss of a list: of each item above one of less relevance."""


class PartialBCELoss(LossModule, loss=ml.partial_bce_loss):
    """Partial cross-entropy of a row: the fewer labels are observed, the more each counts."""


class PolyLoss(LossModule, loss=ml.poly_loss):
    """Poly-1 loss: binary cross-entropy plus a multiple of the wrong answer's probability."""


class QuantileLoss(LossModule, loss=ml.quantile_loss):
    """Quantile or pinball loss, least at the q-quantile of the target."""


class ROLELoss(LossModule, loss=ml.role_loss):
    """Regularised online label estimation: predictions and estimated labels that agree."""


class SelectiveAsymmetricLoss(LossModule, loss=ml.selective_asymmetric_loss):
    """Partial asymmetric loss with class-aware selection of what is taken for negative."""


class SigmoidFocalLoss(LossModule, loss=ml.sigmoid_focal_loss):
    """Focal loss: binary cross-entropy in which confident, correct entries count less."""


class SoftmaxFocalLoss(LossModule, loss=ml.softmax_focal_loss):
    """Focal loss of softmax: cross-entropy in which confident, correct rows count less."""


class SoftmaxRankingLoss(LossModule, loss=ml.softmax_ranking_loss):
    """Listwise softmax loss: the cross-entropy of the items of a list, by their relevance."""


class SPLCLoss(LossModule, loss=ml.splc_loss):
    """Self-paced loss correction: unannotated labels are what is confidently predicted."""


class SquaredHingeLoss(LossModule, loss=ml.squared_hinge_loss):
    """Squared hinge loss of labels -1 and 1."""


class TverskyLoss(LossModule, loss=ml.tversky_loss):
    """Tversky loss: 1 minus an overlap that weighs the two kinds of errors apart."""


class TwoWayLoss(LossModule, loss=ml.two_way_loss):
    """Two-way loss: labels above the others of their sample, and of their class."""


class ZLPRLoss(LossModule, loss=ml.zlpr_loss):
    """Zero-bounded log-sum-exp and pairwise rank-based loss of the labels of a row."""
