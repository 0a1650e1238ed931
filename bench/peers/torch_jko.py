"""JKO-iFlow in PyTorch on one processor thread: what a careful user of PyTorch would write.

Two hidden layers with the time in every layer, exact divergence from the slopes of the hidden layers, Runge-Kutta of
order 4, AdamW with a cosine rate, warm start of every block, best weights by held-out rows, end at the first block that
they reject. The protocol is that of torch_fit.py.
"""
import math

import torch
from torch.nn.functional import softplus

from torch_fit import CHUNK, Rows, draw, follow_cosine, result, save, say, settings

FINE_STEPS = 16  # Runge-Kutta steps a block when final figures are computed


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
        return self.x.square().sum(1) / 2 - self.log_det + rows.constant

    def nll(self):
        return self.costs().double().mean().item()


def train_block(weights, x, held, h, updates):
    """The weights that score best on held-out rows, or None when they never beat the identity; and the updates made."""
    d, batch = x.shape[1], settings["batchSize"]
    optimiser = torch.optim.AdamW(weights, lr=settings["learningRate"], weight_decay=settings["weightDecay"])
    best, best_weights, without_gain = held.square().sum(1).mean().item() / 2, None, 0
    order, at = torch.randperm(len(x)), 0
    for update in range(updates):
        if at + batch > len(x):
            order, at = torch.randperm(len(x)), 0
        start = x[order[at : at + batch]]
        at += batch
        if settings["jitter"] > 0:
            start = start + settings["jitter"] * torch.randn_like(start)
        follow_cosine(optimiser, update, updates)
        steps = settings["solverSteps"] + (int(draw.randint(-1, 2)) if settings["randomSteps"] else 0)
        y, log_det = push(weights, start, steps)
        movement = (y - start).square().sum(1).mean()
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


rows = Rows()
clock = rows.clock
x = rows.train
held = Particles(rows.validation, settings["scoringSteps"])
with clock.stopped:
    fine_held = Particles(rows.validation, FINE_STEPS)
    fine_test = Particles(rows.test, FINE_STEPS)
    coarse_test = Particles(rows.test, settings["scoringSteps"])

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
fit = result(
    costs,
    coarse_test.nll(),
    detail=stop,
    blocks=blocks,
    parameters=parameters,
    updates=updates,
    cpuSeconds=cpu_seconds,
    wallSeconds=wall_seconds,
    validationNll=fine_held.nll(),
)
save(rows, costs, fit, lambda z: pull_all(kept, z), fine_test.x)
say(event="result", fits=[fit])
