"""The network in PyTorch on the processor, by its own layers, loss and optimiser.

Timed by bench.ts:  python3 torch_network.py DIGITS HIDDEN BATCH THREADS TYPE
Each line of stdin says how many iterations to time; BATCH 0 is the whole set, else the batches go through the digits
in a new random order every epoch.
"""

import sys
import time

import numpy as np
import torch

path, hidden, batch, threads, kind = sys.argv[1], *map(int, sys.argv[2:5]), sys.argv[5]
torch.set_num_threads(threads)
torch.manual_seed(0)
dtype = getattr(torch, kind)
rows = np.fromfile(path, np.uint8).reshape(-1, 785)  # label, then pixels
X = torch.from_numpy(rows[:, 1:] / 255.0).to(dtype)
Y = torch.from_numpy(rows[:, 0].astype(np.int64))
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


print("ready", flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    for _ in range(int(line)):
        iterate()
    print(time.perf_counter() - began, flush=True)
