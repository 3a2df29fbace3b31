"""Learn ten questions about handwritten digits, most answers missing, with TensorFlow alone."""

import gaps
import tensorflow as tf

import maskloss as ml

RATE = 0.2


def network(x, weights):
    to_hidden, hidden_bias, to_logits, bias = weights
    return tf.nn.relu(x @ to_hidden + hidden_bias) @ to_logits + bias


def fit(features, labels):
    draw = tf.random.Generator.from_seed(0)
    sizes = ((64, 64), (64,), (64, 10), (10,))
    weights = [tf.Variable(0.1 * draw.normal(size)) for size in sizes]
    momenta = [tf.Variable(tf.zeros(size)) for size in sizes]
    x, y = tf.constant(features), tf.constant(labels)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = ml.binary_cross_entropy_with_logits(network(x, weights), y, missing=-1)
        slopes = tape.gradient(loss, weights)
        for weight, momentum, slope in zip(weights, momenta, slopes, strict=True):
            momentum.assign(0.9 * momentum + slope)
            weight.assign_sub(RATE * momentum)

    for _ in range(300):
        step()
    return lambda features: network(tf.constant(features), weights).numpy()


if __name__ == "__main__":
    gaps.compare(gaps.digits, fit)
