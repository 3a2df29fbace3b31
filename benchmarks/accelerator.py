"""What value and gradient cost on an accelerator, beside the unsafe idiom, counted without one."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from kernels import count

import maskloss as ml

ENTRIES, CLASSES = (4096, 1000), (128, 32000)


@dataclass(frozen=True)
class Row:
    """A loss and what it may cost; `idiom` is torch's function without a reduction."""

    name: str
    kernels: int
    passes: float
    peak: float
    idiom: Any = None
    is_of_classes: bool = False
    options: tuple = ()
    first_label: int = 0
    of_probabilities: bool = False

    @property
    def loss(self):
        """The loss of maskloss."""
        return getattr(ml, self.name)

    def arrays(self, device="meta"):
        """Return prediction, labels and mask; class indices have no mask."""
        shape = CLASSES if self.is_of_classes else ENTRIES
        x = torch.randn(shape, device=device, requires_grad=True)
        if self.is_of_classes:
            return x, torch.randint(0, shape[1], shape[:1], device=device)
        if self.of_probabilities:
            x = torch.rand(shape, device=device, requires_grad=True)
        y = torch.where(torch.rand(shape, device=device) < 0.5, 1.0, float(self.first_label))
        return x, y, torch.rand(shape, device=device) < 0.3

    def work(self, loss):
        """Return a function of the arrays that calls a loss of maskloss and its gradient."""
        keywords = dict(self.options)

        def work(x, y, mask=None):
            missing = -100 if self.is_of_classes else None
            loss(x, y, mask=mask, missing=missing, **keywords).backward()

        return work

    def work_of_idiom(self):
        """Return a function of the arrays that calls the idiom and its gradient."""

        def work(x, y, mask=None):
            if self.is_of_classes:
                self.idiom(x, y, ignore_index=-100).backward()
            else:
                ((self.idiom(x, y, reduction="none") * mask).sum() / mask.sum()).backward()

        return work

    def ours(self):
        """Count the loss of maskloss."""
        return count(self.work(self.loss), *self.arrays())

    def theirs(self):
        """Count the idiom."""
        return count(self.work_of_idiom(), *self.arrays())


def soft_margin(x, y, reduction):
    """Return torch's formula of `soft_margin_loss`."""
    return torch.log1p(torch.exp(-y * x))


ROWS = (
    Row("binary_cross_entropy_with_logits", 28, 33.4, 5.1, F.binary_cross_entropy_with_logits),
    Row("soft_margin_loss", 26, 29.4, 5.1, soft_margin, first_label=-1),
    Row("mse_loss", 17, 14.9, 3.1, F.mse_loss),
    Row("l1_loss", 19, 18.9, 4.1, F.l1_loss),
    Row("huber_loss", 18, 18.9, 4.1, F.huber_loss),
    Row("smooth_l1_loss", 18, 18.9, 4.1, F.smooth_l1_loss),
    Row("poisson_nll_loss", 22, 23.9, 4.1),
    Row("quantile_loss", 31, 32.6, 5.6, options=(("quantile", 0.9),)),
    Row("hinge_loss", 30, 36.9, 5.4, first_label=-1),
    Row("squared_hinge_loss", 27, 31.9, 4.4, first_label=-1),
    Row("sigmoid_focal_loss", 47, 82.4, 11.1),
    Row("asymmetric_loss", 51, 90.9, 13.1),
    Row("hill_loss", 56, 113.4, 15.1),
    Row("splc_loss", 72, 133.6, 14.4),
    Row("poly_loss", 46, 79.4, 7.1),
    Row("log_cosh_loss", 38, 61.1, 7.4),
    Row("partial_bce_loss", 48, 47.1, 6.1),
    Row("assume_negative_loss", 58, 97.1, 10.1),
    Row("binary_cross_entropy", 63, 105.9, 11.4, F.binary_cross_entropy, of_probabilities=True),
    Row("cross_entropy", 64, 17.6, 2.4, F.cross_entropy, is_of_classes=True),
    Row("softmax_focal_loss", 106, 17.6, 2.4, is_of_classes=True),
    Row("multilabel_soft_margin_loss", 44, 47.1, 6.1),
    Row("zlpr_loss", 149, 166.3, 14.4),
    Row("dice_loss", 68, 67.6, 8.1, of_probabilities=True),
)
