"""The workload W in PyTorch, as a peer of the benchmark `step`.

The task's `kind` is "autograd" (the divergence by a vector-Jacobian product that is itself
differentiated, as published codes of continuous flows do) or "hoisted" (what depends only on the probe is multiplied once
per step, by hand).
"""
import torch
from torch.nn.functional import softplus

from torch_protocol import read_inputs, serve, task

B, d, H = task["B"], task["d"], task["H"]
SUB_STEPS = 3

shapes = [(B, d), (B, d), (d, H), (H,), (H,), (H, H), (H,), (H, d), (d,)]
x0, probe, *weights = read_inputs(shapes, weights=7)
W1, w1t, b1, W2, b2, W3, b3 = weights


def autograd_field():
    def field(x, t):
        if not x.requires_grad:
            x = x.detach().requires_grad_(True)
        h1 = softplus(torch.addmm(b1 + t * w1t, x, W1))
        h2 = softplus(torch.addmm(b2, h1, W2))
        v = torch.addmm(b3, h2, W3)
        (g,) = torch.autograd.grad(v, x, probe, create_graph=True)
        return v, (g * probe).sum(1)

    return field


def hoisted_field():
    left, right = probe @ W1, probe @ W3.t()

    def field(x, t):
        z1 = torch.addmm(b1 + t * w1t, x, W1)
        z2 = torch.addmm(b2, softplus(z1), W2)
        v = torch.addmm(b3, softplus(z2), W3)
        return v, (((torch.sigmoid(z1) * left) @ W2) * torch.sigmoid(z2) * right).sum(1)

    return field


def loss():
    field = {"autograd": autograd_field, "hoisted": hoisted_field}[task["kind"]]()
    dt = 1 / SUB_STEPS
    x, log_det = x0, 0.0
    for i in range(SUB_STEPS):
        t = i * dt
        k1, d1 = field(x, t)
        k2, d2 = field(x + dt / 2 * k1, t + dt / 2)
        k3, d3 = field(x + dt / 2 * k2, t + dt / 2)
        k4, d4 = field(x + dt * k3, t + dt)
        x = x + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        log_det = log_det + dt / 6 * (d1 + 2 * d2 + 2 * d3 + d4)
    energy = (x * x).sum(1) / 2 - log_det
    return (energy + ((x - x0) ** 2).sum(1) / 2).mean()


serve(loss, weights)
