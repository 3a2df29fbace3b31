"""Ten questions about handwritten digits, most answers missing, as a skorch network."""

import gaps
import skorch
import torch

from maskloss.torch import MaskedBCEWithLogitsLoss


def fit(features, labels):
    torch.manual_seed(0)
    torch.set_num_threads(1)  # one thread is fastest for small layers
    net = skorch.NeuralNetRegressor(
        torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10)),
        criterion=MaskedBCEWithLogitsLoss,
        criterion__missing=-1,
        optimizer=torch.optim.AdamW,
        optimizer__weight_decay=0.1,
        lr=1e-2,
        batch_size=128,
        max_epochs=20,
        train_split=None,
        verbose=0,
    )
    return net.fit(features, labels).predict


if __name__ == "__main__":
    gaps.compare(gaps.digits, fit)
