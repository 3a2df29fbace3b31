"""The choice of the evaluator, as a table."""

import numpy as np
import pytest

import maskloss as ml
from maskloss._evaluation import evaluate
from maskloss._evaluation.choose import Evaluator, Situation, choose_evaluator
from maskloss._fused.recording import Recording
from maskloss._fused.symbols import Graph

RECORDING = Recording(Graph(()), {}, has_weight=False, extras=())
HOST, TENSOR, DEVICE = Situation("host"), Situation("tensor"), Situation("device")
TABLE = [
    (HOST, Evaluator.BLOCKS, "block by block"),
    (TENSOR, Evaluator.BLOCKS, "block by block"),
    (HOST._replace(is_few=True), Evaluator.FEW, "so few"),
    (TENSOR._replace(is_few=True), Evaluator.FEW, "so few"),
    (HOST._replace(recording=RECORDING), Evaluator.LOOPS, "asked for"),
    (TENSOR._replace(recording=RECORDING), Evaluator.LOOPS, "asked for"),
    (TENSOR._replace(recording=RECORDING, needs_graph=True), Evaluator.WHOLE, "graph"),
    (HOST._replace(recording=RECORDING, is_few=True), Evaluator.FEW, "so few"),
    (HOST._replace(splits=False, is_few=True), Evaluator.WHOLE, "depends on others"),
    (TENSOR._replace(splits=False), Evaluator.WHOLE, "depends on others"),
    (TENSOR._replace(is_transformed=True, is_few=True), Evaluator.WHOLE, "transform"),
    (TENSOR._replace(is_shared=False, is_few=True), Evaluator.WHOLE, "memory"),
    (TENSOR._replace(needs_graph=True, is_few=True), Evaluator.WHOLE, "graph"),
    (DEVICE, Evaluator.CHUNKS, "accelerator"),
    (DEVICE._replace(splits=False), Evaluator.CHUNKS, "accelerator"),
    (DEVICE._replace(has_kernels=True), Evaluator.KERNELS, "asked for"),
    (DEVICE._replace(has_kernels=True, needs_graph=True), Evaluator.WHOLE, "graph"),
    (DEVICE._replace(is_transformed=True), Evaluator.WHOLE, "transform"),
    (DEVICE._replace(needs_graph=True, splits=False), Evaluator.WHOLE, "graph"),
    (DEVICE._replace(needs_graph=True), Evaluator.WHOLE, "graph"),
    (Situation("eager"), Evaluator.CHUNKS, "eagerly"),
    *(
        (Situation(mode, splits=False, needs_whole_call=True), Evaluator.WHOLE, "entries share")
        for mode in ("host", "tensor", "device", "eager", "compiled")
    ),
    *((Situation(mode), Evaluator.WHOLE, mode) for mode in ("compiled", "traced", "other")),
]


@pytest.mark.parametrize(("situation", "evaluator", "reason"), TABLE)
def test_each_situation_has_one_evaluator_and_a_reason(situation, evaluator, reason):
    chosen, why = choose_evaluator(situation)
    assert chosen is evaluator
    assert reason in why


def test_the_reason_of_a_call_whose_entries_share_elements(backend, monkeypatch):
    reasons = []

    def chosen(situation):
        reasons.append(choose_evaluator(situation))
        return reasons[-1]

    monkeypatch.setattr(evaluate, "choose_evaluator", chosen)
    logits, labels = map(backend.asarray, (np.zeros((2, 3)), np.eye(3)[:2]))
    ml.dice_loss(logits, labels, activation="softmax", class_axis=-1, spatial_axes=0)
    ((evaluator, why),) = reasons
    assert evaluator is Evaluator.WHOLE
    assert "entries share" in why
