"""Written by `nox -s stubs`."""

from types import EllipsisType
from typing import Any, Literal

from maskloss.keras._base import MaskedLoss as MaskedLoss
from maskloss.keras._metrics import MaskedMetric as MaskedMetric

__all__ = [
    "ActivePassiveLoss",
    "AssumeNegativeLoss",
    "AsymmetricLoss",
    "CandidateCrossEntropyLoss",
    "CensoredNLLLoss",
    "CosineSimilarityLoss",
    "DiceLoss",
    "DistillationLoss",
    "EnsembleCRPSLoss",
    "EntropyMaximizationLoss",
    "ExpectedPositiveLoss",
    "GammaNLLLoss",
    "GeneralizedCrossEntropyLoss",
    "GrLoss",
    "HillLoss",
    "HingeLoss",
    "JaccardLoss",
    "KLDivLoss",
    "KLPenaltyLoss",
    "KTOLoss",
    "LargeLoss",
    "ListMLELoss",
    "MaskedBinaryCrossentropy",
    "MaskedCategoricalCrossentropy",
    "MaskedHuber",
    "MaskedLogCosh",
    "MaskedLoss",
    "MaskedMeanAbsoluteError",
    "MaskedMeanLoss",
    "MaskedMeanSquaredError",
    "MaskedMetric",
    "MaskedPoisson",
    "MaskedSparseCategoricalCrossentropy",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "NLLLoss",
    "NNPULoss",
    "NegativeBinomialNLLLoss",
    "ORPOLoss",
    "PairwiseHingeLoss",
    "PairwiseLogisticLoss",
    "PartialBCELoss",
    "PolyLoss",
    "PreferenceLoss",
    "QuantileLoss",
    "SPLCLoss",
    "SelectiveAsymmetricLoss",
    "SigmoidFocalLoss",
    "SmoothL1Loss",
    "SoftMarginLoss",
    "SoftmaxFocalLoss",
    "SoftmaxRankingLoss",
    "SquaredHingeLoss",
    "SymmetricCrossEntropyLoss",
    "TverskyLoss",
    "TweedieNLLLoss",
    "TwoWayLoss",
    "ZLPRLoss",
]

class ActivePassiveLoss(MaskedLoss):
    r"""Active passive loss of softmax: normalised cross-entropy plus reverse cross-entropy."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: float = 1.0,
        beta: float = 1.0,
        log_of_zero: float = -4.0,
        class_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class AssumeNegativeLoss(MaskedLoss):
    r"""Cross-entropy that treats unannotated labels as negative (AN)."""

    def __init__(
        self,
        *,
        label_smoothing: float = 0.0,
        unannotated_weight: float = 1.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class AsymmetricLoss(MaskedLoss):
    r"""Asymmetric loss (ASL): cross-entropy that gives confident negatives the least weight."""

    def __init__(
        self,
        *,
        gamma_pos: float = 1.0,
        gamma_neg: float = 4.0,
        clip: float = 0.05,
        constant_focus: bool = True,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class CandidateCrossEntropyLoss(MaskedLoss):
    r"""Cross-entropy of a set of candidate classes, of which one is the label, from logits x."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class CensoredNLLLoss(MaskedLoss):
    r"""Negative log-likelihood of numbers y of which some are known by bounds only."""

    def __init__(
        self,
        *,
        scale: Any | float = 1.0,
        distribution: str = 'normal',
        censoring: Any | int | None = None,
        upper: Any | float | None = None,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class CosineSimilarityLoss(MaskedLoss):
    r"""1 minus the cosine of the angle between two rows, :math:`1 - \cos(x, y)`."""

    def __init__(
        self,
        *,
        similarity: Any | float = 1.0,
        margin: float = 0.0,
        feature_axis: int = -1,
        eps: float = 1e-08,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class DiceLoss(MaskedLoss):
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
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class DistillationLoss(MaskedLoss):
    r"""Divergence of a student's distribution from a teacher's, from the logits of both."""

    def __init__(
        self,
        *,
        divergence: Literal['forward', 'reverse', 'jsd'] = 'forward',
        beta: float = 0.5,
        temperature: float = 1.0,
        class_axis: int = -1,
        class_mask: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class EnsembleCRPSLoss(MaskedLoss):
    r"""Ranked probability score (CRPS) of ensembles of M forecasts x, of numbers y."""

    def __init__(
        self,
        *,
        ensemble_axis: int = -1,
        fair: bool = True,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class EntropyMaximizationLoss(MaskedLoss):
    r"""Cross-entropy of annotated labels, minus the entropy of unannotated ones (EM)."""

    def __init__(
        self,
        *,
        alpha: float = 0.1,
        negative_weight: float = 1.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class ExpectedPositiveLoss(MaskedLoss):
    r"""Cross-entropy of annotated labels, with a penalty on the number of positives (EPR)."""

    def __init__(
        self,
        *,
        expected_positives: float,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class GammaNLLLoss(MaskedLoss):
    r"""Negative log-likelihood of positive amounts y whose error grows with them."""

    def __init__(
        self,
        *,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class GeneralizedCrossEntropyLoss(MaskedLoss):
    r"""Generalized cross-entropy of softmax: bounded, so that wrong labels have less effect."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        q: float = 0.7,
        class_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class GrLoss(MaskedLoss):
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
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class HillLoss(MaskedLoss):
    r"""Hill loss: negatives with a high probability may be missed positives; their gradient fades."""

    def __init__(
        self,
        *,
        lam: float = 1.5,
        margin: float = 1.0,
        gamma: float = 2.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class HingeLoss(MaskedLoss):
    r"""Hinge loss for labels -1 and 1, :math:`\max(0, 1 - y x)`."""

    def __init__(
        self,
        *,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class JaccardLoss(MaskedLoss):
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
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class KLDivLoss(MaskedLoss):
    r"""Kullback-Leibler divergence of probabilities t from log-probabilities x, entry by entry."""

    def __init__(
        self,
        *,
        log_target: bool = False,
        rows: bool = False,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class KLPenaltyLoss(MaskedLoss):
    r"""Estimate of the divergence of a policy from a reference model, token by token."""

    def __init__(
        self,
        *,
        estimator: Literal['k1', 'k2', 'k3'] = 'k3',
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class KTOLoss(MaskedLoss):
    r"""Loss of desirable and undesirable sequences without pairs (KTO)."""

    def __init__(
        self,
        *,
        kl: Any | float = 0.0,
        beta: float = 0.1,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class LargeLoss(MaskedLoss):
    r"""Cross-entropy without the largest losses of assumed negatives (LL-R, LL-Ct)."""

    def __init__(
        self,
        *,
        fraction: float,
        scheme: Literal['rejection', 'correction'] = 'rejection',
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class ListMLELoss(MaskedLoss):
    r"""ListMLE: negative log-likelihood of the order of a list, best item first."""

    def __init__(
        self,
        *,
        list_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedBinaryCrossentropy(MaskedLoss):
    r"""Binary cross-entropy of sigmoid(x), from logits x."""

    def __init__(
        self,
        *,
        pos_weight: Any | float | None = None,
        label_smoothing: float = 0.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        from_logits: bool = False,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedCategoricalCrossentropy(MaskedLoss):
    r"""Cross-entropy of softmax(x), from logits x, for class indices or class probabilities."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Any | None = None,
        class_mask: Any | None = None,
        label_smoothing: float = 0.0,
        z_loss: float = 0.0,
        from_logits: bool = False,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedHuber(MaskedLoss):
    r"""Huber loss: half the squared error, continued linearly where the error is large."""

    def __init__(
        self,
        *,
        delta: float = 1.0,
        censoring: Any | int | None = None,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedLogCosh(MaskedLoss):
    r"""Logarithm of the hyperbolic cosine of the error, :math:`\log \cosh(x - y)`."""

    def __init__(
        self,
        *,
        censoring: Any | int | None = None,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedMeanAbsoluteError(MaskedLoss):
    r"""Absolute error, :math:`|x - y|`, with derivative 0 where it is 0."""

    def __init__(
        self,
        *,
        censoring: Any | int | None = None,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedMeanLoss(MaskedLoss):
    r"""Mean of the observed values, or another reduction: for losses of your own formula."""

    def __init__(
        self,
        *,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedMeanSquaredError(MaskedLoss):
    r"""Squared error, :math:`(x - y)^2`."""

    def __init__(
        self,
        *,
        censoring: Any | int | None = None,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedPoisson(MaskedLoss):
    r"""Negative log-likelihood of counts y under a Poisson distribution."""

    def __init__(
        self,
        *,
        log_input: bool = False,
        full: bool = False,
        eps: float = 1e-07,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MaskedSparseCategoricalCrossentropy(MaskedLoss):
    r"""Cross-entropy of softmax(x), from logits x, for class indices or class probabilities."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Any | None = None,
        class_mask: Any | None = None,
        label_smoothing: float = 0.0,
        z_loss: float = 0.0,
        from_logits: bool = False,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MultiLabelMarginLoss(MaskedLoss):
    r"""Multi-label hinge loss over every pair of a positive and a negative class of a row."""

    def __init__(
        self,
        *,
        multi_hot: bool = False,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MultiLabelSoftMarginLoss(MaskedLoss):
    r"""Mean binary cross-entropy of the observed labels of a row, from logits x."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Any | float | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class MultiMarginLoss(MaskedLoss):
    r"""Multi-class hinge loss: every other score should be a margin m below the label's score."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        p: Literal[1, 2] = 1,
        margin: float = 1.0,
        class_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class NLLLoss(MaskedLoss):
    r"""Negative log-likelihood of class indices y, from log-probabilities x: :math:`-w_y x_y`."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        class_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class NNPULoss(MaskedLoss):
    r"""Non-negative risk from positive and unlabelled samples (nnPU), with the sigmoid loss."""

    def __init__(
        self,
        *,
        prior: float,
        beta: float = 0.0,
        gamma: float = 1.0,
        non_negative: bool = True,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class NegativeBinomialNLLLoss(MaskedLoss):
    r"""Negative log-likelihood of counts y that vary more than Poisson counts do."""

    def __init__(
        self,
        *,
        dispersion: Any | float = 1.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class ORPOLoss(MaskedLoss):
    r"""Loss of preferences by odds ratios (ORPO), added to that of the chosen sequence."""

    def __init__(
        self,
        *,
        beta: float = 0.1,
        pair_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class PairwiseHingeLoss(MaskedLoss):
    r"""Pairwise hinge loss of a list: an item should score a margin above less relevant items."""

    def __init__(
        self,
        *,
        list_axis: int = -1,
        margin: float = 1.0,
        normalize: bool = True,
        item_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class PairwiseLogisticLoss(MaskedLoss):
    r"""Pairwise logistic loss of a list: an item should score above items of less relevance."""

    def __init__(
        self,
        *,
        list_axis: int = -1,
        normalize: bool = True,
        item_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class PartialBCELoss(MaskedLoss):
    r"""Partial cross-entropy of a row: the fewer labels are observed, the more each counts."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: float = -4.45,
        beta: float = 5.45,
        gamma: float = 1.0,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class PolyLoss(MaskedLoss):
    r"""Poly-1 loss: binary cross-entropy plus a multiple of the probability of the wrong answer."""

    def __init__(
        self,
        *,
        epsilon: float = 1.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class PreferenceLoss(MaskedLoss):
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
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class QuantileLoss(MaskedLoss):
    r"""Quantile or pinball loss, whose minimum is at the q-quantile of the target."""

    def __init__(
        self,
        *,
        quantile: Any | float = 0.5,
        censoring: Any | int | None = None,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SPLCLoss(MaskedLoss):
    r"""Self-paced loss correction (SPLC): confident predictions correct unannotated labels."""

    def __init__(
        self,
        *,
        correct: bool = True,
        threshold: float = 0.6,
        margin: float = 1.0,
        gamma: float = 2.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SelectiveAsymmetricLoss(MaskedLoss):
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
        class_prior: Any | float | None = None,
        prior_threshold: float = 0.05,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SigmoidFocalLoss(MaskedLoss):
    r"""Focal loss: binary cross-entropy that gives less weight to confident, correct entries."""

    def __init__(
        self,
        *,
        alpha: float | None = 0.25,
        gamma: float = 2.0,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SmoothL1Loss(MaskedLoss):
    r"""Smooth L1 loss: the absolute error, with a parabola where the error is small."""

    def __init__(
        self,
        *,
        beta: float = 1.0,
        censoring: Any | int | None = None,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SoftMarginLoss(MaskedLoss):
    r"""Logistic loss for labels -1 and 1, :math:`\log(1 + e^{-y x})`."""

    def __init__(
        self,
        *,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SoftmaxFocalLoss(MaskedLoss):
    r"""Focal loss of softmax: cross-entropy that gives less weight to confident, correct rows."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: Any | float | None = None,
        gamma: float = 2.0,
        class_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SoftmaxRankingLoss(MaskedLoss):
    r"""Listwise softmax loss: cross-entropy over the items of a list, weighted by relevance."""

    def __init__(
        self,
        *,
        list_axis: int = -1,
        normalize: bool = True,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SquaredHingeLoss(MaskedLoss):
    r"""Squared hinge loss for labels -1 and 1, :math:`\max(0, 1 - y x)^2`."""

    def __init__(
        self,
        *,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class SymmetricCrossEntropyLoss(MaskedLoss):
    r"""Symmetric cross-entropy of softmax, for labels of which some are wrong."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        alpha: float = 0.1,
        beta: float = 1.0,
        log_of_zero: float = -4.0,
        class_weight: Any | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class TverskyLoss(MaskedLoss):
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
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class TweedieNLLLoss(MaskedLoss):
    r"""Negative log-likelihood of amounts y that are 0 or more, such as claims or rainfall."""

    def __init__(
        self,
        *,
        power: float = 1.5,
        class_weight: Any | None = None,
        class_axis: int | None = None,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class TwoWayLoss(MaskedLoss):
    r"""Two-way loss: positives above negatives, within samples and within classes, from logits x."""

    def __init__(
        self,
        *,
        positive_temperature: float = 4.0,
        negative_temperature: float = 1.0,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...

class ZLPRLoss(MaskedLoss):
    r"""Zero-bounded log-sum-exp and pairwise rank-based loss (ZLPR) of a row, from logits x."""

    def __init__(
        self,
        *,
        class_axis: int = -1,
        missing: float | tuple[float, ...] | list[float] | None = None,
        reduction: str | None = 'sum_over_batch_size',
        divisor: float | None = None,
        axis: int | tuple[int, ...] | None = None,
        empty: float | Literal['raise'] = 0.0,
        name: str | None = None,
        dtype: Any = None,
    ) -> None: ...
