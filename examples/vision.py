"""Makes torchvision importable beside a torch that its compiled operators were not built for.

torchvision 0.28 of PyPI is built for CUDA. Beside the CPU build of torch its operators do not load,
and its import asks for two of them. Models that detect no objects never call these.
"""

import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    OPERATORS = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        OPERATORS.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
