"""The cases whose formula becomes a compiled loop."""

import maskloss as ml
from helpers.choice import ONE_OF_EACH_LOSS

# Entries are elements, but a formula divides by the number of a row, or takes whole sequences.
NOT_RECORDED = {"partial_bce_loss", "clipped_policy_loss"}
# Entries are rows, of which a formula takes sums, the largest element or that of the label.
OF_ROWS = {
    ml.active_passive_loss,
    ml.candidate_cross_entropy,
    ml.cross_entropy,
    ml.distillation_loss,
    ml.generalized_cross_entropy_loss,
    ml.kl_div,
    ml.multi_margin_loss,
    ml.nll_loss,
    ml.softmax_focal_loss,
    ml.symmetric_cross_entropy,
}


def becomes_loop(case):
    """Return whether a formula becomes a loop over elements or rows."""
    if case.class_axis is not None:
        return case.loss in OF_ROWS and "class_mask" not in case.options
    is_batchwise = case.is_batchwise and case.options.get("mode") not in {"negative", "ignore"}
    is_coupled = is_batchwise or case.needs_whole_call or case.is_whole
    return not (is_coupled or case.loss.__name__ in NOT_RECORDED)


ONE_LOOP_OF_EACH_LOSS = [case for case in ONE_OF_EACH_LOSS if becomes_loop(case)]
