"""Sums over two virtual replicas of TensorFlow, beside one device: to be run alone."""

import math

import numpy as np
import tensorflow as tf

import maskloss as ml

if __name__ == "__main__":
    (cpu, *_) = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    x = np.arange(8, dtype=np.float32) ** 2
    y = np.where(x < 9, x + x, math.nan).astype(np.float32)
    rows = tf.data.Dataset.from_tensor_slices((x, y)).batch(8)

    @tf.function
    def mean(x, y):
        context = tf.distribute.get_replica_context()
        sums = ml.mse_loss(x, y, missing=math.nan, reduction="sums")
        return ml.Sums(*(context.all_reduce("sum", part) for part in sums)).mean()

    for batch in strategy.experimental_distribute_dataset(rows):
        found = strategy.experimental_local_results(strategy.run(mean, args=batch))
        print(
            len(found),
            {float(value) for value in found} == {float(ml.mse_loss(x, y, missing=math.nan))},
        )
