"""The losses that `torch.nn` has modules for, under its names with `Masked` in front."""

import maskloss as ml
from maskloss.torch._module import LossModule


class MaskedBCELoss(LossModule, loss=ml.binary_cross_entropy):
    """`torch.nn.BCELoss` of observed labels: binary cross-entropy of probabilities."""


class MaskedBCEWithLogitsLoss(LossModule, loss=ml.binary_cross_entropy_with_logits):
    """`torch.nn.BCEWithLogitsLoss` of observed labels: binary cross-entropy of logits."""


class MaskedCrossEntropyLoss(LossModule, loss=ml.cross_entropy):
    """`torch.nn.CrossEntropyLoss` of observed labels; the classes are on the last axis."""


class MaskedGaussianNLLLoss(LossModule, loss=ml.gaussian_nll_loss):
    """`torch.nn.GaussianNLLLoss` of observed targets."""


class MaskedHuberLoss(LossModule, loss=ml.huber_loss):
    """`torch.nn.HuberLoss` of observed targets."""


class MaskedKLDivLoss(LossModule, loss=ml.kl_div):
    """`torch.nn.KLDivLoss` of observed targets."""


class MaskedL1Loss(LossModule, loss=ml.l1_loss):
    """`torch.nn.L1Loss` of observed targets: absolute error."""


class MaskedLinearCrossEntropyLoss(LossModule, loss=ml.linear_cross_entropy):
    """`torch.nn.LinearCrossEntropyLoss` of observed labels; the layer comes with the call."""


class MaskedMSELoss(LossModule, loss=ml.mse_loss):
    """`torch.nn.MSELoss` of observed targets: squared error."""


class MaskedMultiLabelMarginLoss(LossModule, loss=ml.multilabel_margin_loss):
    """`torch.nn.MultiLabelMarginLoss` of observed labels."""


class MaskedMultiLabelSoftMarginLoss(LossModule, loss=ml.multilabel_soft_margin_loss):
    """`torch.nn.MultiLabelSoftMarginLoss` of observed labels."""


class MaskedMultiMarginLoss(LossModule, loss=ml.multi_margin_loss):
    """`torch.nn.MultiMarginLoss` of observed labels."""


class MaskedNLLLoss(LossModule, loss=ml.nll_loss):
    """`torch.nn.NLLLoss` of observed labels; the classes are on the last axis."""


class MaskedPoissonNLLLoss(LossModule, loss=ml.poisson_nll_loss):
    """`torch.nn.PoissonNLLLoss` of observed counts."""


class MaskedSmoothL1Loss(LossModule, loss=ml.smooth_l1_loss):
    """`torch.nn.SmoothL1Loss` of observed targets."""


class MaskedSoftMarginLoss(LossModule, loss=ml.soft_margin_loss):
    """`torch.nn.SoftMarginLoss` of observed labels, which are -1 and 1."""
