"""Learn ten questions about handwritten digits, most answers missing, with a torch network."""

import gaps
import torch

from maskloss.torch import MaskedBCEWithLogitsLoss


def fit(features, labels):
    torch.manual_seed(0)
    torch.set_num_threads(1)  # one thread is fastest for small layers
    x, y = torch.from_numpy(features), torch.from_numpy(labels)
    model = torch.nn.Sequential(torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
    loss = MaskedBCEWithLogitsLoss(missing=-1)
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2, weight_decay=0.1)
    for _ in range(150):
        optimizer.zero_grad()
        loss(model(x), y).backward()
        optimizer.step()

    def predict(features):
        with torch.no_grad():
            return model(torch.from_numpy(features)).numpy()

    return predict


if __name__ == "__main__":
    gaps.compare(gaps.digits, fit)
