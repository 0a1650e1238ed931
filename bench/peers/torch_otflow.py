"""OT-Flow (arXiv:2006.00104) in PyTorch on one processor thread, with the settings of the library's own: what the same method
takes there. One residual layer, Runge-Kutta of order 4, Adam with a cosine rate, best weights by held-out rows, a drawn number
of steps where the settings say so; no average of the weights. The protocol is that of torch_fit.py.
"""
import math

import torch

from torch_fit import CHUNK, Rows, draw, follow_cosine, result, save, say, settings
from torch_potential import push, shapes


def initial_weights(d, m):
    """Layers uniform within 1 / sqrt(inputs), w = 1, A by Xavier's rule, b = c = 0; scaled as the settings say."""
    weights = [torch.zeros(shape) for shape in shapes(d, m)]
    K0, b0, K1, b1, w, A, _, _ = weights
    for tensor, bound in (
        (K0, settings["openingScale"] / math.sqrt(d + 1)),
        (b0, settings["openingScale"] / math.sqrt(d + 1)),
        (K1, 1 / math.sqrt(m)),
        (b1, 1 / math.sqrt(m)),
        (A, settings["outputScale"] * math.sqrt(6 / sum(A.shape))),
    ):
        tensor.uniform_(-bound, bound)
    w.fill_(settings["outputScale"])
    return [weight.requires_grad_(True) for weight in weights]


@torch.no_grad()
def push_all(weights, x, steps, start=0.0, end=1.0):
    parts = [push(weights, rows, steps, start, end) for rows in x.split(CHUNK)]
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


def costs_of(weights, x, steps):
    z, log_det = push_all(weights, x, steps)
    return z.square().sum(1) / 2 - log_det + rows.constant


rows = Rows()
clock = rows.clock
x, held = rows.train, rows.validation[: settings["validationRows"]]
n, d = x.shape
weights = initial_weights(d, settings["width"])
alpha_L, alpha_C, alpha_R = settings["alpha"]
optimiser = torch.optim.Adam(weights, lr=settings["learningRate"])
best, best_weights, without_gain, batch = math.inf, None, 0, settings["batchSize"]
order, at = torch.randperm(n), 0
for update in range(settings["updates"]):
    if at + batch > n:
        order, at = torch.randperm(n), 0
    start = x[order[at : at + batch]]
    at += batch
    follow_cosine(optimiser, update, settings["updates"])
    steps = settings["solverSteps"] + (int(draw.randint(-1, 2)) if settings["substeps"] == "drawn" else 0)
    z, log_det, L, R = push(weights, start, steps)
    loss = (alpha_L * L + alpha_C * (z.square().sum(1) / 2 - log_det) + alpha_R * R).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    if settings["clip"] > 0:
        torch.nn.utils.clip_grad_norm_(weights, settings["clip"])
    optimiser.step()
    if (update + 1) % settings["evaluateEvery"] == 0 or update + 1 == settings["updates"]:
        score = costs_of(weights, held, settings["scoringSteps"]).mean().item()
        if score < best:
            best, best_weights, without_gain = score, [w.detach().clone() for w in weights], 0
        else:
            without_gain += 1
            if without_gain >= settings["patience"]:
                break
        say(event="progress", text=f"{update + 1} updates, {clock.read()[0]:.1f} CPU s")

cpu_seconds, wall_seconds = clock.read()
fine = 2 * settings["scoringSteps"]
costs = costs_of(best_weights, rows.test, fine)
fit = result(
    costs,
    costs_of(best_weights, rows.test, settings["scoringSteps"]).double().mean().item(),
    detail="one flow",
    blocks=[],
    parameters=sum(w.numel() for w in weights),
    updates=update + 1,
    cpuSeconds=cpu_seconds,
    wallSeconds=wall_seconds,
    validationNll=costs_of(best_weights, rows.validation, fine).double().mean().item(),
)
save(rows, costs, fit, lambda z: push_all(best_weights, z, fine, 1.0, 0.0)[0], push_all(best_weights, rows.test, fine)[0])
say(event="result", fits=[fit])
