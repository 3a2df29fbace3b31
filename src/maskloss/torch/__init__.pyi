"""Written by `nox -s stubs`."""

from types import EllipsisType
from typing import Literal

from torch import Tensor

from maskloss.torch._accumulation import AccumulatedMean as AccumulatedMean
from maskloss.torch._all_gather import all_gather as all_gather
from maskloss.torch._all_reduce import all_reduce as all_reduce
from maskloss.torch._module import LossModule as LossModule
from maskloss.torch._objectives import MultiObjective as MultiObjective
from maskloss.torch._trainer import compute_loss_func as compute_loss_func

__all__ = [
    "AccumulatedMean",
    "ActivePassiveLoss",
    "AssumeNegativeLoss",
    "AsymmetricLoss",
    "CandidateCrossEntropyLoss",
    "CensoredNLLLoss",
    "ClippedPolicyLoss",
    "CosineSimilarityLoss",
    "CoxLoss",
    "DiceLoss",
    "DistillationLoss",
    "EnsembleCRPSLoss",
    "EntropyMaximizationLoss",
    "ExpectedPositiveLoss",
    "ForwardCorrectedCrossEntropyLoss",
    "GammaNLLLoss",
    "GaussianCRPSLoss",
    "GeneralizedCrossEntropyLoss",
    "GrLoss",
    "HillLoss",
    "HingeLoss",
    "JaccardLoss",
    "KLPenaltyLoss",
    "KTOLoss",
    "LargeLoss",
    "LinearBinaryCrossEntropyLoss",
    "LinearDistillationLoss",
    "ListMLELoss",
    "LogCoshLoss",
    "LossModule",
    "MaskedBCELoss",
    "MaskedBCEWithLogitsLoss",
    "MaskedCrossEntropyLoss",
    "MaskedGaussianNLLLoss",
    "MaskedHuberLoss",
    "MaskedKLDivLoss",
    "MaskedL1Loss",
    "MaskedLinearCrossEntropyLoss",
    "MaskedMSELoss",
    "MaskedMeanLoss",
    "MaskedMultiLabelMarginLoss",
    "MaskedMultiLabelSoftMarginLoss",
    "MaskedMultiMarginLoss",
    "MaskedNLLLoss",
    "MaskedPoissonNLLLoss",
    "MaskedSmoothL1Loss",
    "MaskedSoftMarginLoss",
    "MultiObjective",
    "NNPULoss",
    "NegativeBinomialNLLLoss",
    "ORPOLoss",
    "PairwiseHingeLoss",
    "PairwiseLogisticLoss",
    "PartialBCELoss",
    "PolyLoss",
    "PreferenceLoss",
    "PropensityScoredLoss",
    "QuantileLoss",
    "ROLELoss",
    "SPLCLoss",
    "SelectiveAsymmetricLoss",
    "SigmoidFocalLoss",
    "SoftmaxFocalLoss",
    "SoftmaxRankingLoss",
    "SquaredHingeLoss",
    "SymmetricCrossEntropyLoss",
    "TverskyLoss",
    "TweedieNLLLoss",
    "TwoWayLoss",
    "ZLPRLoss",
    "all_gather",
    "all_reduce",
    "compute_loss_func",
]

class ActivePassiveLoss(LossModule):
    r"""Active passive loss of softmax: normalised cross-entropy plus reverse cross-entropy."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: float = 1.0,
        beta: float = 1.0,
        log_of_zero: float = -4.0,
        class_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class AssumeNegativeLoss(LossModule):
    r"""Cross-entropy that treats unannotated labels as negative (AN)."""

    def __init__(
        self,
        *,
        label_smoothing: float = 0.0,
        unannotated_weight: float = 1.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class AsymmetricLoss(LossModule):
    r"""Asymmetric loss (ASL): cross-entropy that gives confident negatives the least weight."""

    def __init__(
        self,
        *,
        gamma_pos: float = 1.0,
        gamma_neg: float = 4.0,
        clip: float = 0.05,
        constant_focus: bool = True,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class CandidateCrossEntropyLoss(LossModule):
    r"""Cross-entropy of a set of candidate classes, of which one is the label, from logits x."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class CensoredNLLLoss(LossModule):
    r"""Negative log-likelihood of numbers y of which some are known by bounds only."""

    def __init__(
        self,
        *,
        scale: Tensor | float = 1.0,
        distribution: str = 'normal',
        censoring: Tensor | int | None = None,
        upper: Tensor | float | None = None,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class ClippedPolicyLoss(LossModule):
    r"""Clipped policy loss of sampled tokens (PPO, GRPO, DAPO, GSPO, CISPO, SAPO)."""

    def __init__(
        self,
        *,
        loss_type: Literal['clip', 'cispo', 'sapo'] = 'clip',
        importance_sampling_level: Literal['token', 'sequence'] = 'token',
        epsilon_low: float = 0.2,
        epsilon_high: float = 0.2,
        dual_clip: float | None = None,
        sapo_temperature_pos: float = 1.0,
        sapo_temperature_neg: float = 1.05,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class CosineSimilarityLoss(LossModule):
    r"""1 minus the cosine of the angle between two rows, :math:`1 - \cos(x, y)`."""

    def __init__(
        self,
        *,
        similarity: Tensor | float = 1.0,
        margin: float = 0.0,
        feature_axis: int = -1,
        eps: float = 1e-08,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class CoxLoss(LossModule):
    r"""Negative log partial likelihood of Cox: who has the event next, of all still at risk."""

    def __init__(
        self,
        *,
        ties: Literal['breslow', 'efron'] = 'efron',
        groups: Tensor | None = None,
        list_axis: int | None = None,
        normalize: bool = True,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class DiceLoss(LossModule):
    r"""Dice loss: 1 minus twice the overlap of two regions over the sum of their sizes."""

    def __init__(
        self,
        *,
        spatial_axes: int | tuple[int, ...] | EllipsisType = ...,
        smooth: float = 1.0,
        squared: bool = False,
        activation: Literal['sigmoid', 'softmax'] | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class DistillationLoss(LossModule):
    r"""Divergence of a student's distribution from a teacher's, from the logits of both."""

    def __init__(
        self,
        *,
        divergence: Literal['forward', 'reverse', 'jsd'] = 'forward',
        beta: float = 0.5,
        temperature: float = 1.0,
        class_axis: int = -1,
        class_mask: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class EnsembleCRPSLoss(LossModule):
    r"""Ranked probability score (CRPS) of ensembles of M forecasts x, of numbers y."""

    def __init__(
        self,
        *,
        ensemble_axis: int = -1,
        fair: bool = True,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class EntropyMaximizationLoss(LossModule):
    r"""Cross-entropy of annotated labels, minus the entropy of unannotated ones (EM)."""

    def __init__(
        self,
        *,
        alpha: float = 0.1,
        negative_weight: float = 1.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class ExpectedPositiveLoss(LossModule):
    r"""Cross-entropy of annotated labels, with a penalty on the number of positives (EPR)."""

    def __init__(
        self,
        *,
        expected_positives: float,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class ForwardCorrectedCrossEntropyLoss(LossModule):
    r"""Cross-entropy of labels that are wrong with known probabilities, from logits x."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class GammaNLLLoss(LossModule):
    r"""Negative log-likelihood of positive amounts y whose error grows with them."""

    def __init__(
        self,
        *,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class GaussianCRPSLoss(LossModule):
    r"""Ranked probability score (CRPS) of normal distributions with mean x, of numbers y."""

    def __init__(
        self,
        *,
        eps: float = 1e-06,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class GeneralizedCrossEntropyLoss(LossModule):
    r"""Generalized cross-entropy of softmax: bounded, so that wrong labels have less effect."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        q: float = 0.7,
        class_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class GrLoss(LossModule):
    r"""Generalised robust loss (GR) of labels most of which are unannotated."""

    def __init__(
        self,
        *,
        w: float = 2.0,
        b: float = -2.0,
        mu: float = 0.8,
        sigma: float = 0.5,
        q2: float = 0.01,
        q3: float = 1.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class HillLoss(LossModule):
    r"""Hill loss: negatives with a high probability may be missed positives; their gradient fades."""

    def __init__(
        self,
        *,
        lam: float = 1.5,
        margin: float = 1.0,
        gamma: float = 2.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class HingeLoss(LossModule):
    r"""Hinge loss for labels -1 and 1, :math:`\max(0, 1 - y x)`."""

    def __init__(
        self,
        *,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class JaccardLoss(LossModule):
    r"""Jaccard loss: 1 minus the intersection of two regions over their union."""

    def __init__(
        self,
        *,
        spatial_axes: int | tuple[int, ...] | EllipsisType = ...,
        smooth: float = 1.0,
        squared: bool = False,
        activation: Literal['sigmoid', 'softmax'] | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class KLPenaltyLoss(LossModule):
    r"""Estimate of the divergence of a policy from a reference model, token by token."""

    def __init__(
        self,
        *,
        estimator: Literal['k1', 'k2', 'k3'] = 'k3',
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class KTOLoss(LossModule):
    r"""Loss of desirable and undesirable sequences without pairs (KTO)."""

    def __init__(
        self,
        *,
        kl: Tensor | float = 0.0,
        beta: float = 0.1,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class LargeLoss(LossModule):
    r"""Cross-entropy without the largest losses of assumed negatives (LL-R, LL-Ct)."""

    def __init__(
        self,
        *,
        fraction: float,
        scheme: Literal['rejection', 'correction'] = 'rejection',
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class LinearBinaryCrossEntropyLoss(LossModule):
    r"""Binary cross-entropy of sigmoid(W h + b), without all logits in memory at a time."""

    def __init__(
        self,
        *,
        pos_weight: Tensor | float | None = None,
        class_weight: Tensor | None = None,
        label_smoothing: float = 0.0,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class LinearDistillationLoss(LossModule):
    r"""Divergence of softmax(W h + b) from a teacher, without all logits in memory at a time."""

    def __init__(
        self,
        *,
        teacher_weight: Tensor | None = None,
        teacher_bias: Tensor | None = None,
        divergence: Literal['forward', 'reverse', 'jsd'] = 'forward',
        beta: float = 0.5,
        temperature: float = 1.0,
        class_mask: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class ListMLELoss(LossModule):
    r"""ListMLE: negative log-likelihood of the order of a list, best item first."""

    def __init__(
        self,
        *,
        groups: Tensor | None = None,
        list_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class LogCoshLoss(LossModule):
    r"""Logarithm of the hyperbolic cosine of the error, :math:`\log \cosh(x - y)`."""

    def __init__(
        self,
        *,
        censoring: Tensor | int | None = None,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedBCELoss(LossModule):
    r"""Binary cross-entropy of probabilities p; prefer logits if the model has them."""

    def __init__(
        self,
        *,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedBCEWithLogitsLoss(LossModule):
    r"""Binary cross-entropy of sigmoid(x), from logits x."""

    def __init__(
        self,
        *,
        pos_weight: Tensor | float | None = None,
        label_smoothing: float = 0.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedCrossEntropyLoss(LossModule):
    r"""Cross-entropy of softmax(x), from logits x, for class indices or class probabilities."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Tensor | None = None,
        class_mask: Tensor | None = None,
        label_smoothing: float = 0.0,
        z_loss: float = 0.0,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedGaussianNLLLoss(LossModule):
    r"""Negative log-likelihood of numbers y under normal distributions with mean x."""

    def __init__(
        self,
        *,
        full: bool = False,
        eps: float = 1e-06,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedHuberLoss(LossModule):
    r"""Huber loss: half the squared error, continued linearly where the error is large."""

    def __init__(
        self,
        *,
        delta: float = 1.0,
        censoring: Tensor | int | None = None,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedKLDivLoss(LossModule):
    r"""Kullback-Leibler divergence of probabilities t from log-probabilities x, entry by entry."""

    def __init__(
        self,
        *,
        log_target: bool = False,
        rows: bool = False,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedL1Loss(LossModule):
    r"""Absolute error, :math:`|x - y|`, with derivative 0 where it is 0."""

    def __init__(
        self,
        *,
        censoring: Tensor | int | None = None,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedLinearCrossEntropyLoss(LossModule):
    r"""Cross-entropy of softmax(W h + b), without all logits in memory at a time."""

    def __init__(
        self,
        *,
        class_weight: Tensor | None = None,
        label_smoothing: float = 0.0,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedMSELoss(LossModule):
    r"""Squared error, :math:`(x - y)^2`."""

    def __init__(
        self,
        *,
        censoring: Tensor | int | None = None,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedMeanLoss(LossModule):
    r"""Mean of the observed values, or another reduction: for losses of your own formula."""

    def __init__(
        self,
        *,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedMultiLabelMarginLoss(LossModule):
    r"""Multi-label hinge loss over every pair of a positive and a negative class of a row."""

    def __init__(
        self,
        *,
        multi_hot: bool = False,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedMultiLabelSoftMarginLoss(LossModule):
    r"""Mean binary cross-entropy of the observed labels of a row, from logits x."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Tensor | float | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedMultiMarginLoss(LossModule):
    r"""Multi-class hinge loss: every other score should be a margin m below the label's score."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        p: Literal[1, 2] = 1,
        margin: float = 1.0,
        class_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedNLLLoss(LossModule):
    r"""Negative log-likelihood of class indices y, from log-probabilities x: :math:`-w_y x_y`."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedPoissonNLLLoss(LossModule):
    r"""Negative log-likelihood of counts y under a Poisson distribution."""

    def __init__(
        self,
        *,
        log_input: bool = True,
        full: bool = False,
        eps: float = 1e-08,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedSmoothL1Loss(LossModule):
    r"""Smooth L1 loss: the absolute error, with a parabola where the error is small."""

    def __init__(
        self,
        *,
        beta: float = 1.0,
        censoring: Tensor | int | None = None,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class MaskedSoftMarginLoss(LossModule):
    r"""Logistic loss for labels -1 and 1, :math:`\log(1 + e^{-y x})`."""

    def __init__(
        self,
        *,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class NNPULoss(LossModule):
    r"""Non-negative risk from positive and unlabelled samples (nnPU), with the sigmoid loss."""

    def __init__(
        self,
        *,
        prior: float,
        beta: float = 0.0,
        gamma: float = 1.0,
        non_negative: bool = True,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class NegativeBinomialNLLLoss(LossModule):
    r"""Negative log-likelihood of counts y that vary more than Poisson counts do."""

    def __init__(
        self,
        *,
        dispersion: Tensor | float = 1.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class ORPOLoss(LossModule):
    r"""Loss of preferences by odds ratios (ORPO), added to that of the chosen sequence."""

    def __init__(
        self,
        *,
        beta: float = 0.1,
        pair_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class PairwiseHingeLoss(LossModule):
    r"""Pairwise hinge loss of a list: an item should score a margin above less relevant items."""

    def __init__(
        self,
        *,
        groups: Tensor | None = None,
        max_group_size: int | None = None,
        list_axis: int = -1,
        margin: float = 1.0,
        normalize: bool = True,
        item_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class PairwiseLogisticLoss(LossModule):
    r"""Pairwise logistic loss of a list: an item should score above items of less relevance."""

    def __init__(
        self,
        *,
        groups: Tensor | None = None,
        max_group_size: int | None = None,
        list_axis: int = -1,
        normalize: bool = True,
        item_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class PartialBCELoss(LossModule):
    r"""Partial cross-entropy of a row: the fewer labels are observed, the more each counts."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: float = -4.45,
        beta: float = 5.45,
        gamma: float = 1.0,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class PolyLoss(LossModule):
    r"""Poly-1 loss: binary cross-entropy plus a multiple of the probability of the wrong answer."""

    def __init__(
        self,
        *,
        epsilon: float = 1.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class PreferenceLoss(LossModule):
    r"""Loss of preferences between two sequences (DPO, cDPO, IPO, SLiC, SimPO), from their scores."""

    def __init__(
        self,
        *,
        loss_type: Literal['sigmoid', 'hinge', 'ipo'] = 'sigmoid',
        beta: float = 0.1,
        label_smoothing: float = 0.0,
        margin: float = 0.0,
        pair_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class PropensityScoredLoss(LossModule):
    r"""Propensity-scored binary cross-entropy: an unbiased one, though positives were missed."""

    def __init__(
        self,
        *,
        non_negative: bool = False,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class QuantileLoss(LossModule):
    r"""Quantile or pinball loss, whose minimum is at the q-quantile of the target."""

    def __init__(
        self,
        *,
        quantile: Tensor | float = 0.5,
        censoring: Tensor | int | None = None,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class ROLELoss(LossModule):
    r"""Regularised online label estimation (ROLE): predictions and estimated labels that agree."""

    def __init__(
        self,
        *,
        expected_positives: float,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class SPLCLoss(LossModule):
    r"""Self-paced loss correction (SPLC): confident predictions correct unannotated labels."""

    def __init__(
        self,
        *,
        correct: bool = True,
        threshold: float = 0.6,
        margin: float = 1.0,
        gamma: float = 2.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class SelectiveAsymmetricLoss(LossModule):
    r"""Partial asymmetric loss with class-aware selection (CSL) of assumed negatives."""

    def __init__(
        self,
        *,
        mode: Literal['negative', 'ignore', 'selective'] = 'selective',
        gamma_pos: float = 0.0,
        gamma_neg: float = 1.0,
        gamma_unann: float = 2.0,
        clip: float = 0.0,
        alpha_pos: float = 1.0,
        alpha_neg: float = 1.0,
        alpha_unann: float = 1.0,
        likelihood_topk: int = 5,
        class_prior: Tensor | float | None = None,
        prior_threshold: float = 0.05,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class SigmoidFocalLoss(LossModule):
    r"""Focal loss: binary cross-entropy that gives less weight to confident, correct entries."""

    def __init__(
        self,
        *,
        alpha: float | None = 0.25,
        gamma: float = 2.0,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class SoftmaxFocalLoss(LossModule):
    r"""Focal loss of softmax: cross-entropy that gives less weight to confident, correct rows."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: Tensor | float | None = None,
        gamma: float = 2.0,
        class_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class SoftmaxRankingLoss(LossModule):
    r"""Listwise softmax loss: cross-entropy over the items of a list, weighted by relevance."""

    def __init__(
        self,
        *,
        groups: Tensor | None = None,
        list_axis: int = -1,
        normalize: bool = True,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class SquaredHingeLoss(LossModule):
    r"""Squared hinge loss for labels -1 and 1, :math:`\max(0, 1 - y x)^2`."""

    def __init__(
        self,
        *,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class SymmetricCrossEntropyLoss(LossModule):
    r"""Symmetric cross-entropy of softmax, for labels of which some are wrong."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: float = 0.1,
        beta: float = 1.0,
        log_of_zero: float = -4.0,
        class_weight: Tensor | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class TverskyLoss(LossModule):
    r"""Tversky loss: 1 minus an overlap with weights for false positives and false negatives."""

    def __init__(
        self,
        *,
        alpha: float = 0.5,
        beta: float = 0.5,
        spatial_axes: int | tuple[int, ...] | EllipsisType = ...,
        smooth: float = 1.0,
        squared: bool = False,
        activation: Literal['sigmoid', 'softmax'] | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class TweedieNLLLoss(LossModule):
    r"""Negative log-likelihood of amounts y that are 0 or more, such as claims or rainfall."""

    def __init__(
        self,
        *,
        power: float = 1.5,
        class_weight: Tensor | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class TwoWayLoss(LossModule):
    r"""Two-way loss: positives above negatives, within samples and within classes, from logits x."""

    def __init__(
        self,
        *,
        positive_temperature: float = 4.0,
        negative_temperature: float = 1.0,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...

class ZLPRLoss(LossModule):
    r"""Zero-bounded log-sum-exp and pairwise rank-based loss (ZLPR) of a row, from logits x."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: Literal['none', 'sum', 'sums', 'mean', 'weighted_mean', 'mean_over_all', 'macro', 'samples'] = 'mean',
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
    ) -> None: ...
