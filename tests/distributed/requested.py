"""Engines that are checked on request: their packages are large, and Spark needs Java."""

import os
import sys
import tempfile

import numpy as np
import torch
from engines import (
    LOSS,
    NAN,
    RANKS,
    RATE,
    ROWS,
    batches,
    check,
    data,
    in_group,
    model,
    one_process,
)

import maskloss as ml
import maskloss.torch as mt
from maskloss.boosting import XGBoostObjective, mark_missing


def _sums_of_workers(name, gathered):
    """Compare sums that two workers return with one process; the second has few labels."""
    x, y = data()
    x = model()(x).detach()
    parts = [(x[rows].numpy(), y[rows].numpy()) for rows in (slice(0, 5), slice(5, 16))]
    got, want = float(sum(gathered(parts)).mean()), float(LOSS(x, y))
    assert abs(got - want) < 1e-6, f"{name}: {got}, not {want}"
    print(f"{name}: off by {abs(got - want):.1e}")


def ray():
    import ray as cluster

    cluster.init(num_cpus=RANKS, include_dashboard=False, log_to_driver=False)
    task = cluster.remote(ml.mse_loss)
    keywords = {"missing": NAN, "reduction": "sums"}
    _sums_of_workers(
        "Ray", lambda parts: cluster.get([task.remote(*part, **keywords) for part in parts])
    )
    cluster.shutdown()


def spark():
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    builder = SparkSession.builder.master(f"local[{RANKS}]").config("spark.ui.enabled", "false")
    session = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    loss, missing = ml.mse_loss, NAN

    def gathered(parts):
        spread = session.sparkContext.parallelize(parts, RANKS)
        return spread.map(lambda part: loss(*part, missing=missing, reduction="sums")).collect()

    _sums_of_workers("Spark", gathered)
    session.stop()


def _zero(rank, stage, way, clipping):
    """Train by DeepSpeed; return its engine, and the parameters in whole."""
    import deepspeed as framework

    net, steps = model(), 1 if way == "all_reduce" else 2
    config = {
        "train_micro_batch_size_per_gpu": 1,
        "gradient_accumulation_steps": steps,
        "gradient_clipping": clipping,
        "zero_optimization": {"stage": stage},
        "zero_allow_untested_optimizer": True,
        "zero_force_ds_cpu_optimizer": False,
    }
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE)
    engine, *_ = framework.initialize(model=net, optimizer=optimizer, config=config)
    mean = mt.AccumulatedMean(LOSS)
    for step in batches(rank):
        if way == "all_reduce":
            x, y = (torch.cat(parts) for parts in zip(*step, strict=True))
            engine.backward(mt.all_reduce(LOSS(engine(x), y, reduction="sums")).mean())
            engine.step()
            continue
        if way == "start":
            mean.start(sum(ml.count(LOSS, y) for _, y in step))
        for x, y in step:
            # DeepSpeed divides each loss by the number of accumulated batches.
            engine.backward(steps * mean(engine(x), y))
            if way == "divide" and engine.is_gradient_accumulation_boundary():
                mean.divide_gradients(net.parameters())
            engine.step()
        if way == "start":
            mean.finish()
    with framework.zero.GatheredParameters([*net.parameters()], enabled=stage == 3):
        return {name: parameter.detach().clone() for name, parameter in net.named_parameters()}


def _zero_process(rank, folder):
    os.environ["DS_ACCELERATOR"] = "cpu"
    with in_group(rank, folder):
        import deepspeed as framework

        framework.init_distributed("gloo", auto_mpi_discovery=False)
        for stage in range(4):
            for way in ("all_reduce", "start"):
                check(_zero(rank, stage, way, 0.0), f"DeepSpeed ZeRO {stage}, {way}")
        for stage in range(1, 4):
            try:
                _zero(rank, stage, "divide", 0.0)
            except RuntimeError as error:
                assert "no parameter has a `.grad`" in str(error)  # noqa: PT017
            else:
                msg = f"ZeRO {stage} has gradients to divide"
                raise AssertionError(msg)
        clipped, want = _zero(rank, 1, "start", 1.0), one_process()
        assert any(float((clipped[name] - want[name]).abs().max()) > 0.1 for name in want)


def deepspeed():
    """The parameters of one process, unless gradients are clipped, as DeepSpeed does by default."""
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(_zero_process, (folder,), nprocs=RANKS)


def xgboost():
    """Trees and metric of two dask workers, the second of which has few labels, then none."""
    import dask.array as da
    import xgboost as framework
    from xgboost import dask as on_dask

    from distributed import Client

    x, y = (array.numpy() for array in data())
    objective = XGBoostObjective(ml.mse_loss)
    keywords = {"num_boost_round": 3, "obj": objective, "custom_metric": objective.metric}
    params = {"tree_method": "hist", "max_depth": 2, **objective.params}
    with Client(n_workers=RANKS, threads_per_worker=1, dashboard_address=None) as client:
        for observed in (10, 8):
            labels = mark_missing(np.where(np.arange(len(y))[:, None] < observed, y, NAN))
            matrix, history = framework.DMatrix(x, labels), {}
            one = framework.train(
                params,
                matrix,
                evals=[(matrix, "train")],
                evals_result=history,
                verbose_eval=False,
                **keywords,
            )
            parts = (da.from_array(array, chunks=(8, -1)) for array in (x, labels))
            spread = on_dask.DaskDMatrix(client, *parts)
            found = on_dask.train(client, params, spread, evals=[(spread, "train")], **keywords)
            assert found["booster"].get_dump() == one.get_dump()
            want, got = history["train"]["mse_loss"], found["history"]["train"]["mse_loss"]
            worst = max(abs(a - b) for a, b in zip(got, want, strict=True))
            assert worst < 1e-6, (got, want)
            print(f"XGBoost on dask, {observed} rows with labels: off by {worst:.1e}")


def keras():
    """`fit` under a MirroredStrategy of two virtual CPUs, which adds the gradients of replicas."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    import keras as framework
    import tensorflow as tf

    (cpu,) = tf.config.list_physical_devices("CPU")
    halves = [tf.config.LogicalDeviceConfiguration()] * RANKS
    tf.config.set_logical_device_configuration(cpu, halves)
    strategy = tf.distribute.MirroredStrategy([f"CPU:{rank}" for rank in range(RANKS)])

    def local(targets, outputs):
        return ml.mse_loss(outputs, targets, missing=NAN)

    def of_all(targets, outputs):
        divisor = ml.count(ml.mse_loss, targets, missing=NAN).count
        context = tf.distribute.get_replica_context()
        if context is not None:  # None while Keras builds the model
            divisor = context.all_reduce("sum", divisor)
        return ml.mse_loss(outputs, targets, missing=NAN, divisor=divisor)

    def fitted(loss):
        start, rows = model(), tuple(array.numpy() for array in data())
        with strategy.scope():
            net = framework.Sequential([framework.Input((3,)), framework.layers.Dense(2)])
            net.set_weights([start.weight.detach().numpy().T, start.bias.detach().numpy()])
            net.compile(optimizer=framework.optimizers.SGD(RATE), loss=loss)
        net.fit(tf.data.Dataset.from_tensor_slices(rows).batch(ROWS), verbose=0)
        weight, bias = net.get_weights()
        return {"weight": torch.asarray(weight.T.copy()), "bias": torch.asarray(bias)}

    check(fitted(of_all), "Keras fit, MirroredStrategy")
    try:
        check(fitted(local), "means of replicas")
    except AssertionError:
        return
    msg = "means of replicas are as right"
    raise AssertionError(msg)
