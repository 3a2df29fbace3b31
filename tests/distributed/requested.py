"""Engines that are checked on request: their packages are large, and Spark needs Java."""

import os
import sys

import torch
from engines import LOSS, NAN, RANKS, RATE, ROWS, check, data, model

import maskloss as ml


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
