"""The losses that have no row of exactness, and why."""

_NO_ENDS = "has no soft label and no option of numbers; a case has its whole finite range"

WITHOUT_ROWS = {
    **dict.fromkeys(
        [
            "candidate_cross_entropy",
            "gamma_nll_loss",
            "hinge_loss",
            "l1_loss",
            "mse_loss",
            "multilabel_margin_loss",
            "nll_loss",
            "soft_margin_loss",
            "squared_hinge_loss",
        ],
        _NO_ENDS,
    ),
    "expected_positive_loss": "has the terms of role_loss",
    "large_loss": "has the terms of binary_cross_entropy_with_logits",
    "masked_mean": "computes nothing but a product",
    "tversky_loss": "has the formula of dice_loss and jaccard_loss",
}
