"""What the PyTorch peers that fit a table share: the task, the clock, the rows, and the lines they answer with.

One argument, the task as JSON; the answer as lines of JSON, with the fields of parts/fit.ts. The clock is the processor time
from whitening to the finished model; whatever concerns test rows happens while it is stopped.
"""
import json
import math
import resource
import sys
import time

import numpy
import torch

task = json.loads(sys.argv[1])
settings = task["settings"]
torch.set_num_threads(task["threads"])
torch.manual_seed(task["seed"])
draw = numpy.random.RandomState(task["seed"])

CHUNK = 4096  # rows at a time where no gradient is needed
LOG_2_PI = math.log(2 * math.pi)


def say(**event):
    print(json.dumps(event), flush=True)


class Clock:
    """Processor and wall seconds, without those spent inside `with clock.stopped`."""

    def __init__(self):
        self.start = numpy.array([time.process_time(), time.time()])
        self.stopped = self

    def read(self):
        return [float(s) for s in (time.process_time(), time.time()) - self.start]

    def __enter__(self):
        self.paused = numpy.array([time.process_time(), time.time()])

    def __exit__(self, *_):
        self.start += (time.process_time(), time.time()) - self.paused


class Rows:
    """The three parts as tensors, standardised if that is asked for; `constant`: what is added to every cost of a row."""

    def __init__(self):
        train, validation, test = (numpy.load(task["files"][part]) for part in ("train", "validation", "test"))
        self.clock = Clock()
        d = train.shape[1]
        self.centre, self.scales, self.axes = numpy.zeros(d), numpy.ones(d), numpy.eye(d)
        if settings["standardize"] == "whiten":
            variances, self.axes = numpy.linalg.eigh(numpy.cov(train.T.astype(numpy.float64)))
            self.scales = numpy.sqrt(variances)
        elif settings["standardize"] == "zscore":
            self.scales = train.std(0, dtype=numpy.float64)
        if settings["standardize"] != "none":
            self.centre = train.mean(0, dtype=numpy.float64)
        self.constant = d / 2 * LOG_2_PI + numpy.log(self.scales).sum()
        self.train, self.validation = self.forward(train), self.forward(validation)
        with self.clock.stopped:
            self.test = self.forward(test)

    def forward(self, x):
        return torch.from_numpy((((x - self.centre) @ self.axes) / self.scales).astype(numpy.float32))

    def inverse(self, x):
        return ((x.numpy().astype(numpy.float64) * self.scales) @ self.axes.T + self.centre).astype(numpy.float32)


def follow_cosine(optimiser, update, updates):
    """The rate at an update: it falls by a cosine to a share of where it began."""
    floor = settings["learningRateFloor"]
    cosine = (1 + math.cos(math.pi * update / updates)) / 2
    for group in optimiser.param_groups:
        group["lr"] = settings["learningRate"] * (floor + (1 - floor) * cosine)


def result(costs, coarse_nll, **fields):
    """The fields that every fit has, of the costs of test rows: |z|^2 / 2 - log det + constant."""
    nll = costs.double().mean().item()
    return {
        "method": "PyTorch",
        "seed": task["seed"],
        "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "testNll": nll,
        "standardError": (costs.std() / math.sqrt(len(costs))).item(),
        "gap": abs(nll - coarse_nll),
        "inversionError": None,
        "integral": None,
        "kernel": f"torch {torch.__version__}",
        "settings": settings,
        **fields,
    }


def save(rows, costs, fit, pull, z):
    """Log-densities, samples and inversion error, where the task asks; `pull` takes noise back to standardised rows."""
    if not task.get("logProbs"):
        return
    numpy.save(f"{task['logProbs']}/PyTorch.npy", -costs.double().numpy())
    if task.get("samples"):
        drawn = pull(torch.randn(task["samples"], rows.test.shape[1]))
        numpy.save(f"{task['logProbs']}/PyTorch-samples.npy", rows.inverse(drawn))
        distance = (rows.test[:1000] - pull(z[:1000])).square().sum(1)
        fit["inversionHalfSquare"] = distance.mean().item() / 2
