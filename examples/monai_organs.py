"""Segment two organs with a UNet of MONAI, where most scans have only one of them outlined.

The scans are made on the spot by MONAI. A scan without the outline of an organ says nothing of it.
"""

import gaps
import numpy as np
import torch
from monai.data import create_test_image_2d
from monai.metrics import DiceMetric
from monai.networks.nets import UNet

from maskloss.torch import MaskedBCEWithLogitsLoss


def scans(count, seed):
    """Return images, and the outlines of two kinds of organs: dark ones and bright ones."""
    state = np.random.RandomState(seed)  # MONAI takes this one
    images, outlines = [], []
    for _ in range(count):
        options = {"num_objs": 6, "rad_max": 6, "rad_min": 2, "num_seg_classes": 2}
        image, kinds = create_test_image_2d(32, 32, noise_max=1.0, random_state=state, **options)
        images.append(image + (kinds == 2))
        outlines.append([kinds == 1, kinds == 2])
    return torch.tensor(np.asarray(images)[:, None]).float(), torch.tensor(np.asarray(outlines))


def fit(images, labels, seed):
    """Return a network fitted to labels of 0, 1 and, where there is no outline, -1."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)  # one thread is fastest for small layers
    net = UNet(2, in_channels=1, out_channels=2, channels=(8, 16), strides=(2,), num_res_units=1)
    loss = MaskedBCEWithLogitsLoss(missing=-1)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    for step in range(500):
        rows = torch.arange(16) + step * 16
        optimizer.zero_grad()
        loss(net(images[rows % len(images)]), labels[rows % len(images)]).backward()
        optimizer.step()
    return net.eval()


def dice(net, images, outlines):
    metric = DiceMetric(include_background=True, ignore_empty=True)
    with torch.no_grad():
        metric(net(images) > 0, outlines)
    return metric.aggregate().item()


if __name__ == "__main__":
    runs = []
    for seed in range(3):
        images, outlines = scans(160, seed=2 * seed)
        test = scans(60, seed=2 * seed + 1)
        rng = np.random.default_rng(seed)
        is_known = np.eye(2, dtype=bool)[rng.integers(0, 2, len(images))]
        is_known |= rng.uniform(size=(len(images), 1)) < 0.03
        known = torch.from_numpy(is_known)[:, :, None, None]
        labels = torch.where(known, outlines.long(), -1)
        complete = known.all(dim=1).ravel()
        ways = {
            "masked": (images, labels),
            "missing as background": (images, labels.clamp(min=0)),
            "incomplete scans dropped": (images[complete], labels[complete]),
        }
        runs.append({name: dice(fit(*given, seed), *test) for name, given in ways.items()})
    gaps.report(runs, "dice")
