"""JKO-iFlow in PyTorch on one processor thread: what a careful user of PyTorch would write.

Two hidden layers with the time in every layer, exact divergence from the slopes of the hidden layers, Runge-Kutta of
order 4, AdamW with a cosine rate, warm start of every block, best weights by held-out rows, end at the first block that
they reject. One argument, the task as JSON; the answer as lines of JSON, with the fields of parts/fit.ts. The clock is
the processor time from whitening to the last block; whatever concerns test rows happens while it is stopped.
"""
import json
import math
import resource
import sys
import time

import numpy
import torch
from torch.nn.functional import softplus

task = json.loads(sys.argv[1])
settings = task["settings"]
torch.set_num_threads(task["threads"])
torch.manual_seed(task["seed"])
draw = numpy.random.RandomState(task["seed"])

FINE_STEPS = 16  # Runge-Kutta steps a block when final figures are computed
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


def activate(z):
    """Value and slope."""
    if settings["activation"] == "tanh":
        value = torch.tanh(z)
        return value, 1 - value * value
    return softplus(z, settings["beta"]), torch.sigmoid(settings["beta"] * z)


def initial_weights(d, width):
    """(matrix, row of the time, bias) of each layer, uniform within 1 / sqrt(inputs); the output layer is a tenth of it."""
    weights = []
    for inputs, outputs, factor in ((d, width, 1.0), (width, width, 1.0), (width, d, 0.1)):
        bound = factor / math.sqrt(inputs + 1)
        for shape in ((inputs, outputs), (outputs,), (outputs,)):
            weights.append(torch.empty(shape).uniform_(-bound, bound).requires_grad_(True))
    return weights


def push(weights, x, steps, start=0, end=1):
    """Rows through a block from time `start` to `end`, with the integral of the divergence."""
    (w1, t1, b1, w2, t2, b2, w3, t3, b3) = weights
    mixing = w2 * (w3 @ w1).t()  # tr(dv/dx) = slope_1^T mixing slope_2

    def field(x, t):
        h1, s1 = activate(torch.addmm(b1 + t * t1, x, w1))
        h2, s2 = activate(torch.addmm(b2 + t * t2, h1, w2))
        return torch.addmm(b3 + t * t3, h2, w3), ((s1 @ mixing) * s2).sum(1)

    dt, log_det = (end - start) / steps, 0.0
    for i in range(steps):
        t = start + i * dt
        k1, d1 = field(x, t)
        k2, d2 = field(x + dt / 2 * k1, t + dt / 2)
        k3, d3 = field(x + dt / 2 * k2, t + dt / 2)
        k4, d4 = field(x + dt * k3, t + dt)
        x = x + dt / 6 * (k1 + 2 * (k2 + k3) + k4)
        log_det = log_det + dt / 6 * (d1 + 2 * (d2 + d3) + d4)
    return x, log_det


@torch.no_grad()
def push_all(weights, x, steps):
    parts = [push(weights, rows, steps) for rows in x.split(CHUNK)]
    return torch.cat([y for y, _ in parts]), torch.cat([log_det for _, log_det in parts])


@torch.no_grad()
def pull_all(kept, z):
    """Noise back through all blocks, last one first, on the fine grid."""
    for block in reversed(kept):
        z = torch.cat([push(block, rows, FINE_STEPS, 1, 0)[0] for rows in z.split(CHUNK)])
    return z


class Particles:
    """Held-out rows on their way through the flow on one grid."""

    def __init__(self, x, steps):
        self.x, self.log_det, self.steps = x, torch.zeros(len(x)), steps

    def advance(self, weights):
        self.x, log_det = push_all(weights, self.x, self.steps)
        self.log_det += log_det

    def costs(self):
        return self.x.square().sum(1) / 2 - self.log_det

    def nll(self):
        return self.costs().mean().item() + constant


def train_block(weights, x, held, h, updates):
    """The weights that score best on held-out rows, or None when they never beat the identity; and the updates made."""
    d, batch = x.shape[1], settings["batchSize"]
    optimiser = torch.optim.AdamW(weights, lr=settings["learningRate"], weight_decay=settings["weightDecay"])
    best, best_weights, without_gain = held.square().sum(1).mean().item() / 2, None, 0
    order, at = torch.randperm(len(x)), 0
    for update in range(updates):
        if at + batch > len(x):
            order, at = torch.randperm(len(x)), 0
        rows = x[order[at : at + batch]]
        at += batch
        if settings["jitter"] > 0:
            rows = rows + settings["jitter"] * torch.randn_like(rows)
        floor = settings["learningRateFloor"]
        cosine = (1 + math.cos(math.pi * update / updates)) / 2
        for group in optimiser.param_groups:
            group["lr"] = settings["learningRate"] * (floor + (1 - floor) * cosine)
        steps = settings["solverSteps"] + (int(draw.randint(-1, 2)) if settings["randomSteps"] else 0)
        y, log_det = push(weights, rows, steps)
        movement = (y - rows).square().sum(1).mean()
        loss = y.square().sum(1).mean() / 2 - log_det.mean() + movement / (2 * h)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, math.sqrt(d))
        optimiser.step()
        if (update + 1) % settings["evaluateEvery"] == 0 or update + 1 == updates:
            y, log_det = push_all(weights, held, settings["scoringSteps"])
            score = (y.square().sum(1) / 2 - log_det).mean().item()
            if score < best:
                best, best_weights, without_gain = score, [w.detach().clone() for w in weights], 0
            else:
                without_gain += 1
                if without_gain >= settings["patience"]:
                    break
    return best_weights, update + 1


train, validation, test = (numpy.load(task["files"][part]) for part in ("train", "validation", "test"))
clock = Clock()
constant = train.shape[1] / 2 * LOG_2_PI
if settings["standardize"] == "whiten":
    centre = train.mean(0, dtype=numpy.float64)
    variances, axes = numpy.linalg.eigh(numpy.cov(train.T.astype(numpy.float64)))
    whitener = axes / numpy.sqrt(variances)
    constant += numpy.log(variances).sum() / 2
    train, validation = (((x - centre) @ whitener).astype(numpy.float32) for x in (train, validation))
    with clock.stopped:
        test = ((test - centre) @ whitener).astype(numpy.float32)
x = torch.from_numpy(train)
held = Particles(torch.from_numpy(validation), settings["scoringSteps"])
with clock.stopped:
    fine_held = Particles(torch.from_numpy(validation), FINE_STEPS)
    fine_test = Particles(torch.from_numpy(test), FINE_STEPS)
    coarse_test = Particles(torch.from_numpy(test), settings["scoringSteps"])

weights = initial_weights(x.shape[1], settings["hidden"])
kept = []
blocks, updates, stop, parameters = [], 0, "largest number of blocks", 0
for k, h in enumerate(settings["stepSizes"]):
    planned = settings["updates"][min(k, len(settings["updates"]) - 1)]
    best, made = train_block(weights, x, held.x[: settings["validationRows"]], h, planned)
    updates += made
    line = {"block": k + 1, "verdict": "rejected", "accepted": best is not None, "stepSize": h, "updates": updates}
    line.update(validationNll=None, testNll=None, gap=None)
    if best is not None:
        x, _ = push_all(best, x, settings["solverSteps"])
        held.advance(best)
        kept.append(best)
        weights = [w.clone().requires_grad_(True) for w in best]
        parameters += sum(w.numel() for w in best)
    line["cpuSeconds"] = clock.read()[0]
    if best is not None:
        with clock.stopped:
            for particles in (fine_held, fine_test, coarse_test):
                particles.advance(best)
            nll = fine_test.nll()
            line.update(verdict="kept", validationNll=fine_held.nll(), testNll=nll, gap=abs(nll - coarse_test.nll()))
    blocks.append(line)
    say(event="progress", text=f"block {k + 1}: {updates} updates, {line['cpuSeconds']:.1f} CPU s, {line['verdict']}")
    if best is None:
        stop = "block rejected"
        break

cpu_seconds, wall_seconds = clock.read()
costs = fine_test.costs()
fit = {
    "method": "PyTorch",
    "seed": task["seed"],
    "detail": stop,
    "blocks": blocks,
    "parameters": parameters,
    "updates": updates,
    "cpuSeconds": cpu_seconds,
    "wallSeconds": wall_seconds,
    "peakMiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    "validationNll": fine_held.nll(),
    "testNll": fine_test.nll(),
    "standardError": (costs.std() / math.sqrt(len(costs))).item(),
    "gap": abs(fine_test.nll() - coarse_test.nll()),
    "inversionError": None,
    "integral": None,
    "kernel": f"torch {torch.__version__}",
    "settings": settings,
}
if task.get("logProbs"):
    numpy.save(f"{task['logProbs']}/PyTorch.npy", -(costs.double().numpy() + constant))
if task.get("logProbs") and task.get("samples"):
    samples = pull_all(kept, torch.randn(task["samples"], test.shape[1])).numpy().astype(numpy.float64)
    if settings["standardize"] == "whiten":
        samples = (samples * numpy.sqrt(variances)) @ axes.T + centre
    numpy.save(f"{task['logProbs']}/PyTorch-samples.npy", samples.astype(numpy.float32))
    few = torch.from_numpy(test[:1000])
    distance = (few - pull_all(kept, fine_test.x[:1000])).square().sum(1)
    fit["inversionHalfSquare"] = distance.mean().item() / 2
say(event="result", fits=[fit])
