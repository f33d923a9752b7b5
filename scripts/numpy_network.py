"""The network in NumPy, as the notebook writes it: whole matrices, float64, full batch.

Timed by bench.ts:    python3 numpy_network.py DIGITS      each line of stdin says how many iterations to time
As a whole process:   python3 numpy_network.py --whole CSV ITERATIONS      pandas, training, accuracy
"""

import os
import resource
import sys
import time

import numpy as np


def init_params(hidden=10):
    return [np.random.rand(*shape) - 0.5 for shape in ((hidden, 784), (hidden, 1), (10, hidden), (10, 1))]


def iterate(params, X, Y, one_hot_Y, alpha=0.1):
    """One iteration of gradient descent, in place; returns the number correct before it."""
    W1, b1, W2, b2 = params
    m = Y.size
    Z1 = W1.dot(X) + b1
    A1 = np.maximum(Z1, 0)
    Z2 = W2.dot(A1) + b2
    E = np.exp(Z2)
    A2 = E / E.sum(axis=0)
    dZ2 = A2 - one_hot_Y
    dZ1 = W2.T.dot(dZ2) * (Z1 > 0)
    W2 -= alpha / m * dZ2.dot(A1.T)
    b2 -= alpha / m * dZ2.sum(axis=1, keepdims=True)
    W1 -= alpha / m * dZ1.dot(X.T)
    b1 -= alpha / m * dZ1.sum(axis=1, keepdims=True)
    return int((A2.argmax(axis=0) == Y).sum())


def columns(Y):
    one_hot_Y = np.zeros((10, Y.size))
    one_hot_Y[Y, np.arange(Y.size)] = 1
    return one_hot_Y


def serve(path):
    rows = np.fromfile(path, np.uint8).reshape(-1, 785)  # label, then pixels
    Y = rows[:, 0]
    X = rows.T[1:] / 255.0
    one_hot_Y = columns(Y)
    np.random.seed(0)
    params = init_params()
    print("ready", flush=True)
    for line in sys.stdin:
        began = time.perf_counter()
        for _ in range(int(line)):
            iterate(params, X, Y, one_hot_Y)
        print(time.perf_counter() - began, flush=True)


def whole(path, iterations):
    import pandas as pd

    data = pd.read_csv(path).to_numpy().astype(np.uint8)
    np.random.seed(0)
    np.random.shuffle(data)
    train = data[1000:].T
    Y = train[0]
    X = train[1:] / 255.0
    one_hot_Y = columns(Y)
    params = init_params()
    right = 0
    for _ in range(iterations):
        right = iterate(params, X, Y, one_hot_Y)
    print("accuracy", right / Y.size)
    if "MNIST_PEAK" in os.environ:  # bench.ts reads the peak memory there, in KiB
        os.write(3, str(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss).encode())


if __name__ == "__main__":
    if sys.argv[1] == "--whole":
        whole(sys.argv[2], int(sys.argv[3]))
    else:
        serve(sys.argv[1])
