"""The network in PyTorch on the CPU, with its own layers, loss and optimiser.

Timed by bench.ts:  python3 torch_network.py DIGITS HIDDEN BATCH THREADS TYPE [TEST ALPHA MOMENTUM SMOOTHING EPOCHS]
Each line of stdin says how many iterations to time. BATCH 0 is full batch; otherwise the digits are
reshuffled every epoch. With TEST each line is a seed: the network is trained from scratch with He initialization, alpha
falling linearly to 0; a line per epoch gives the seconds so far and the accuracy on TEST.
"""

import sys
import time

import numpy as np
import torch

path, hidden, batch, threads, kind = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
torch.set_num_threads(threads)
torch.manual_seed(0)
dtype = getattr(torch, kind)


def read(path):
    rows = np.fromfile(path, np.uint8).reshape(-1, 785)  # label, then pixels
    return torch.from_numpy(rows[:, 1:] / 255.0).to(dtype), torch.from_numpy(rows[:, 0].astype(np.int64))


X, Y = read(path)
network = torch.nn.Sequential(torch.nn.Linear(784, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10)).to(dtype)
loss = torch.nn.CrossEntropyLoss()
descent = torch.optim.SGD(network.parameters(), lr=0.1)


def batches():
    while True:
        order = torch.randperm(len(Y))
        for at in range(0, len(Y), batch):
            yield order[at : at + batch]


queue = batches()


def iterate():
    x, y = X, Y
    if batch:
        rows = next(queue)
        x, y = X[rows], Y[rows]
    descent.zero_grad()
    loss(network(x), y).backward()
    descent.step()


def train(seed, test_X, test_Y, alpha, momentum, smoothing, epochs):
    global descent, queue, loss
    loss = torch.nn.CrossEntropyLoss(label_smoothing=smoothing)
    torch.manual_seed(seed)
    for layer in (network[0], network[2]):
        torch.nn.init.kaiming_uniform_(layer.weight, nonlinearity="relu")
        torch.nn.init.zeros_(layer.bias)
    descent, queue = torch.optim.SGD(network.parameters(), lr=alpha, momentum=momentum), batches()
    an_epoch = -(-len(Y) // batch)
    seconds = 0
    for epoch in range(epochs):
        began = time.perf_counter()
        for i in range(an_epoch):
            descent.param_groups[0]["lr"] = alpha * (1 - (epoch * an_epoch + i) / (epochs * an_epoch))
            iterate()
        seconds += time.perf_counter() - began
        with torch.no_grad():
            right = (network(test_X).argmax(1) == test_Y).double().mean().item()
        print(seconds, right, flush=True)


print("ready", flush=True)
for line in sys.stdin:
    if len(sys.argv) > 6:
        train(int(line), *read(sys.argv[6]), *map(float, sys.argv[7:10]), int(sys.argv[10]))
        continue
    began = time.perf_counter()
    for _ in range(int(line)):
        iterate()
    print(time.perf_counter() - began, flush=True)
