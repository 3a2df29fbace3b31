"""The losses in the registries of chemprop, against chemprop's own, and in its command line."""

import copy
import math
import pickle
import subprocess
import sys

import pytest
import torch
from chemprop.nn import LossFunctionRegistry, MetricRegistry
from chemprop.utils import Factory

import maskloss as ml
import maskloss.chemprop as mc
from helpers import pages

pytestmark = pytest.mark.filterwarnings("ignore")

BOUNDS = ("bounded_mse_loss", "bounded_l1_loss")


def batch(kind, *, poison=1.0):
    """Return the arguments of a criterion: some targets are missing, and some are bounds."""
    generator = torch.Generator().manual_seed(0)
    shape = (6, 3, 4) if kind == "classes" else (6, 3, 2) if kind == "variances" else (6, 3)
    predictions = torch.randn(shape, generator=generator)
    targets = torch.randn(6, 3, generator=generator)
    if kind == "variances":
        predictions = predictions.exp()
    elif kind == "classes":
        targets = torch.randint(0, 4, (6, 3), generator=generator).float()
    elif kind == "labels":
        targets = (targets > 0).float()
    mask = torch.rand(6, 3, generator=generator) < 0.6
    lower, upper = torch.rand(2, 6, 3, generator=generator) < 0.3
    seen = mask if predictions.ndim == 2 else mask[..., None]
    predictions = torch.where(seen, predictions, poison).requires_grad_()
    weights = torch.rand(6, 1, generator=generator)
    return predictions, torch.where(mask, targets, 0.0), mask, weights, lower & ~upper, upper


def value_and_gradient(criterion, arrays):
    value = criterion(*arrays)
    value.backward()
    return value.detach(), arrays[0].grad


@pytest.mark.parametrize(
    ("ours", "theirs", "kind", "options"),
    [
        ("mse_loss", "mse", "numbers", {}),
        ("l1_loss", "mae", "numbers", {}),
        ("bounded_mse_loss", "bounded-mse", "numbers", {}),
        ("bounded_l1_loss", "bounded-mae", "numbers", {}),
        ("quantile_loss", "quantile-point", "numbers", {"quantile": 0.1}),
        ("binary_cross_entropy_with_logits", "bce", "labels", {}),
        ("cross_entropy", "ce", "classes", {}),
        ("gaussian_nll_loss", "mve", "variances", {"eps": 1e-12}),
    ],
)
def test_the_value_and_gradient_of_chemprop(ours, theirs, kind, options):
    weights = torch.tensor([1.0, 2.0, 0.5])
    criterion = LossFunctionRegistry[ours](weights, **options)
    want = value_and_gradient(LossFunctionRegistry[theirs](weights), batch(kind))
    torch.testing.assert_close(value_and_gradient(criterion, batch(kind)), want)


def kind_of(name):
    metric = LossFunctionRegistry[name]()
    kinds = {mc.CrossEntropyLoss: "classes", mc.GaussianNLLLoss: "variances"}
    for made, kind in kinds.items():
        if isinstance(metric, made.__mro__[1]):
            return kind
    return "labels"


OURS = sorted(
    name for name, made in LossFunctionRegistry.items() if issubclass(made, mc.MaskedMetric)
)


def test_the_names():
    assert len(OURS) == 23
    metrics = {name for name, made in MetricRegistry.items() if issubclass(made, mc.MaskedMetric)}
    assert metrics - set(OURS) == {"binary_cross_entropy"}
    assert {*BOUNDS, "huber_loss", "bounded_quantile_loss"} <= metrics
    assert LossFunctionRegistry["mse"].__module__ == "chemprop.nn.metrics"


@pytest.mark.parametrize("name", OURS)
def test_what_is_missing_may_be_nan(name):
    kind = "classes" if "ross_entropy" in name and "binary" not in name else kind_of(name)
    want = value_and_gradient(LossFunctionRegistry[name](), batch(kind))
    got = value_and_gradient(LossFunctionRegistry[name](), batch(kind, poison=math.nan))
    torch.testing.assert_close(got, want, rtol=0, atol=0)
    assert want[1].any()


@pytest.mark.parametrize("name", OURS)
def test_a_batch_without_a_target(name):
    predictions, targets, mask, *rest = batch(kind_of(name))
    value, gradient = value_and_gradient(
        LossFunctionRegistry[name](), (predictions, targets, mask & False, *rest)
    )
    assert value == 0
    assert not gradient.any()


def test_batches_add_up():
    predictions, targets, mask, weights, *_ = batch("numbers")
    metric = MetricRegistry["huber_loss"](delta=0.5)
    for rows in (slice(0, 1), slice(1, 6)):
        metric.update(predictions[rows], targets[rows], mask[rows], weights[rows])
    given = {"mask": mask, "weight": weights, "delta": 0.5}
    torch.testing.assert_close(metric.compute(), ml.huber_loss(predictions, targets, **given))


def pickled(metric):
    return pickle.loads(pickle.dumps(metric))


def rebuilt(metric):
    """Return a metric as chemprop builds it anew when it loads a model."""
    return Factory.build(type(metric), task_weights=metric.task_weights, **vars(metric))


@pytest.mark.parametrize("copied", [pickled, rebuilt, copy.deepcopy, lambda m: m.clone()])
def test_copies_keep_the_options(copied):
    metric = mc.BoundedHuberLoss([1.0, 2.0, 3.0], delta=0.25)
    other = copied(metric)
    assert str(other) == str(metric)
    torch.testing.assert_close(other(*batch("numbers")), metric(*batch("numbers")))


def test_the_command_line_passes_none_of_its_options():
    """It has an `alpha` and an `eps`, which mean something else in our losses."""
    given = {"task_weights": torch.ones(1), "alpha": 0.1, "eps": 1e-2, "v_kl": 0.2}
    for name in OURS:
        metric = Factory.build(LossFunctionRegistry[name], **given)
        assert not {"alpha", "eps"} & set(metric.options)


def test_mistakes():
    with pytest.raises(TypeError, match=r"MaskedMetric has no loss: declare"):
        mc.MaskedMetric()
    with pytest.raises(TypeError, match="`loss` must be a loss of maskloss"):
        type("Own", (mc.MaskedMetric,), {}, loss=torch.nn.functional.mse_loss)
    with pytest.raises(AttributeError, match="HubberLoss"):
        mc.HubberLoss  # noqa: B018
    with pytest.raises(TypeError, match="unexpected keyword argument 'delat'; use `delta`"):
        mc.HuberLoss(delat=2.0)
    for made, option in ((mc.HuberLoss, "mask"), (mc.BoundedMSELoss, "censoring")):
        with pytest.raises(TypeError, match=f"`{option}` of .* is set for each batch"):
            made(**{option: 1})


MOLECULES = (
    "C",
    "CC",
    "CCO",
    "CCN",
    "CCCC",
    "c1ccccc1",
    "CC(C)O",
    "CCOC",
    "CCCl",
    "CBr",
    "CCF",
    "CO",
)


def test_training_from_the_command_line(tmp_path):
    table, model = tmp_path / "molecules.csv", tmp_path / "model"
    rows = [
        f"{smiles},{'<1' if k % 3 else k},{'' if k % 2 else 0.5 * k}"
        for k, smiles in enumerate(MOLECULES)
    ]
    table.write_text("\n".join(["smiles,a,b", *rows]))
    small = [
        "--message-hidden-dim",
        "8",
        "--ffn-hidden-dim",
        "8",
        "--epochs",
        "3",
        "--accelerator",
        "cpu",
    ]
    names = ["--loss-function", "bounded_huber_loss", "--metrics", "bounded_l1_loss"]
    run(
        "maskloss.chemprop", "train", "-i", table, "-o", model, *small, *names, "--num-workers", "0"
    )
    (best,) = model.glob("model_0/best.pt")
    # Without the import of maskloss.chemprop: the model itself names it.
    run(
        "chemprop.cli.main", "predict", "-i", table, "--model-paths", best, "-o", tmp_path / "p.csv"
    )
    assert len((tmp_path / "p.csv").read_text().splitlines()) == len(MOLECULES) + 1


def run(module, *arguments):
    call = "main()" if module == "chemprop.cli.main" else ""
    command = f"from {module} import main; {call}" if call else None
    start = ["-c", command] if command else ["-m", module]
    done = subprocess.run(
        [sys.executable, *start, *map(str, arguments)], capture_output=True, check=False, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_the_page_runs():
    pages.run("docs/faces/chemprop.md")
