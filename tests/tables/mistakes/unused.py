"""Options that have no effect beside another option, and what the error must say."""

import maskloss as ml
from tables.mistakes.mistake import ROWS, X, Y, mistake

ASYMMETRIC = ml.selective_asymmetric_loss


def unused(name, loss, *args, because, **keywords):
    """Return a call with an option that has no effect, the last of the keywords."""
    says = (f"`{[*keywords][-1]}`", "has no effect with", because, "leave it out")
    return mistake(f"{name}, unused", loss, *args, says=says, **keywords)


UNUSED = [
    unused(
        "a margin",
        ml.preference_loss,
        ROWS,
        because="loss_type='ipo'",
        loss_type="ipo",
        margin=1.0,
    ),
    unused(
        "wrong preferences",
        ml.preference_loss,
        ROWS,
        because="loss_type='hinge'",
        loss_type="hinge",
        label_smoothing=0.1,
    ),
    unused(
        "a temperature",
        ml.clipped_policy_loss,
        X,
        X,
        X,
        because="loss_type='clip'",
        sapo_temperature_neg=2.0,
    ),
    unused(
        "a second clip",
        ml.clipped_policy_loss,
        X,
        X,
        X,
        because="loss_type='cispo'",
        loss_type="cispo",
        dual_clip=3.0,
    ),
    unused(
        "an upper clip",
        ml.clipped_policy_loss,
        X,
        X,
        X,
        because="loss_type='sapo'",
        loss_type="sapo",
        epsilon_high=0.28,
    ),
    unused(
        "a share of the teacher",
        ml.distillation_loss,
        ROWS,
        ROWS,
        because="divergence='forward'",
        beta=0.25,
    ),
    unused(
        "a margin of rows apart",
        ml.cosine_similarity_loss,
        ROWS,
        ROWS,
        because="similarity=1.0",
        margin=0.5,
    ),
    unused(
        "a bound of the risk",
        ml.nnpu_loss,
        X,
        Y,
        because="non_negative=False",
        prior=0.5,
        non_negative=False,
        beta=0.1,
    ),
    unused(
        "a number of entries to ignore",
        ASYMMETRIC,
        X,
        Y,
        because="mode='negative'",
        mode="negative",
        likelihood_topk=2,
    ),
    unused(
        "a prior",
        ASYMMETRIC,
        X,
        Y,
        because="mode='ignore'",
        mode="ignore",
        class_prior=X,
    ),
    unused(
        "a threshold without priors",
        ASYMMETRIC,
        X,
        Y,
        because="class_prior=None",
        prior_threshold=0.5,
    ),
]
