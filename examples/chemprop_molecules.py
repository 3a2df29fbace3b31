"""Three properties of molecules, most of them unknown or below a limit, with chemprop.

The molecules come with RDKit, which also computes the properties.
"""

import logging
from pathlib import Path

import gaps
import numpy as np
import torch
from chemprop import data, models, nn
from lightning import pytorch as pl
from rdkit import Chem, RDConfig, RDLogger
from rdkit.Chem import Crippen, rdMolDescriptors
from sklearn.metrics import r2_score

from maskloss.chemprop import BoundedMSELoss

PROPERTIES = (Crippen.MolLogP, Crippen.MolMR, rdMolDescriptors.CalcTPSA)


def molecules(count, seed):
    """Return molecules, and their standardised properties."""
    RDLogger.DisableLog("rdApp.*")
    path = Path(RDConfig.RDDataDir, "NCI", "first_5K.smi")
    found = []
    for line in path.read_text().splitlines()[:2000]:
        molecule = Chem.MolFromSmiles(line.split()[0])
        if molecule is not None and 5 < molecule.GetNumHeavyAtoms() < 30:
            found.append(molecule)
    chosen = [found[k] for k in np.random.default_rng(seed).permutation(len(found))[:count]]
    numbers = np.asarray([[compute(m) for compute in PROPERTIES] for m in chosen])
    return chosen, ((numbers - numbers.mean(axis=0)) / numbers.std(axis=0)).astype("float32")


def loader(molecules, targets, is_bound=None, **options):
    none = np.zeros(targets.shape, bool)
    bounds = none if is_bound is None else is_bound
    points = [
        data.MoleculeDatapoint(mol=m, y=y, lt_mask=lt, gt_mask=gt)
        for m, y, lt, gt in zip(molecules, targets, bounds, none, strict=True)
    ]
    return data.build_dataloader(data.MoleculeDataset(points), num_workers=0, **options)


def fit(*given, seed):
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    message_passing = nn.BondMessagePassing(d_h=64)
    predictor = nn.RegressionFFN(n_tasks=3, input_dim=64, hidden_dim=64, criterion=BoundedMSELoss())
    model = models.MPNN(message_passing, nn.MeanAggregation(), predictor, init_lr=1e-3, max_lr=5e-3)
    trainer = pl.Trainer(accelerator="cpu", max_epochs=10, **QUIET)
    trainer.fit(model, loader(*given, batch_size=32, seed=seed))
    return model


QUIET = {
    "logger": False,
    "enable_checkpointing": False,
    "enable_progress_bar": False,
    "enable_model_summary": False,
}


def score(model, molecules, targets):
    trainer = pl.Trainer(accelerator="cpu", **QUIET)
    batches = trainer.predict(model, loader(molecules, targets, shuffle=False, batch_size=64))
    return float(r2_score(targets, torch.cat(batches)))


if __name__ == "__main__":
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    runs = []
    for seed in range(3):
        found, numbers = molecules(700, seed)
        (train, test), (known, truth) = (found[:400], found[400:]), np.split(numbers, [400])
        rng = np.random.default_rng(seed)
        is_missing = rng.uniform(size=known.shape) < 0.6
        is_bound = known < -0.3
        measured = np.where(is_bound, np.float32(-0.3), known)  # the limit of detection
        targets = np.where(is_missing, np.float32(np.nan), measured)
        rows = np.flatnonzero(~is_missing.any(axis=1))
        mean = np.nanmean(targets, axis=0)
        ways = {
            "masked": (train, targets, is_bound),
            "missing as mean": (train, np.where(is_missing, mean, targets), is_bound & ~is_missing),
            "bounds as numbers": (train, targets),
            "incomplete rows dropped": ([train[k] for k in rows], targets[rows], is_bound[rows]),
        }
        runs.append(
            {name: score(fit(*given, seed=seed), test, truth) for name, given in ways.items()}
        )
    gaps.report(runs, "r2_score")
