"""The cases whose formula becomes a compiled loop."""

from helpers.choice import ONE_OF_EACH_LOSS

# Entries are elements, but a formula divides by the number of a row, or takes whole sequences.
NOT_RECORDED = {"partial_bce_loss", "clipped_policy_loss"}


def becomes_loop(case):
    """Return whether a loss has entries that are elements, each with a loss of its own."""
    is_batchwise = case.is_batchwise and case.options.get("mode") not in {"negative", "ignore"}
    is_coupled = is_batchwise or case.needs_whole_call or case.is_whole
    has_rows = case.class_axis is not None
    return not (is_coupled or has_rows or case.loss.__name__ in NOT_RECORDED)


ONE_LOOP_OF_EACH_LOSS = [case for case in ONE_OF_EACH_LOSS if becomes_loop(case)]
