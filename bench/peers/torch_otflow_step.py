"""One training step of OT-Flow (arXiv:2006.00104) in PyTorch, as a peer of the benchmark `step`.

Written from the paper's formulas as its own code has them: gradient and Laplacian of the potential by their recursions, no
automatic differentiation in the right-hand side; autograd differentiates the loss through all steps.
"""
import torch

from torch_protocol import read_inputs, serve, task

B, d, m = task["B"], task["d"], task["H"]
STEPS = 6
ALPHA_C, ALPHA_R = 100.0, 15.0

r = min(10, d + 1)
shapes = [(B, d), (m, d + 1), (m,), (m, m), (m,), (m,), (r, d + 1), (d + 1,), (1,)]
x0, *weights = read_inputs(shapes, weights=8)
K0, b0, K1, b1, w, A, b, c = weights


def sigma(u):
    return u.abs() + torch.log(1 + torch.exp(-2 * u.abs()))


def gradient_and_laplacian(s):
    a0 = torch.addmm(b0, s, K0.t())  # [B, m]
    d0 = torch.tanh(a0)
    a1 = torch.addmm(b1, sigma(a0), K1.t())
    d1 = torch.tanh(a1)
    z1 = w + (d1 * w) @ K1
    quadratic = A.t() @ A
    grad = (d0 * z1) @ K0 + s @ quadratic + b  # [B, d + 1]
    Kx = K0[:, :d]
    opening = ((1 - d0 * d0) * z1) @ (Kx * Kx).sum(1)
    J = d0.t().reshape(m, B, 1) * Kx.reshape(m, 1, d)  # [m, B, d]: one product with K1 for all samples and columns
    P = (K1 @ J.reshape(m, B * d)).reshape(m, B, d)
    residual = ((P * P).sum(2).t() * ((1 - d1 * d1) * w)).sum(1)
    return grad, opening + residual + torch.trace(quadratic[:d, :d])


def rate(x, t):
    grad, laplacian = gradient_and_laplacian(torch.cat([x, x.new_full((x.shape[0], 1), t)], 1))
    v = -grad[:, :d]
    cost = (v * v).sum(1) / 2
    return v, -laplacian, cost, (cost - grad[:, d]).abs()


def loss():
    h = 1 / STEPS
    z, l, L, R = x0, 0.0, 0.0, 0.0
    for i in range(STEPS):
        t = i * h
        k1 = rate(z, t)
        k2 = rate(z + h / 2 * k1[0], t + h / 2)
        k3 = rate(z + h / 2 * k2[0], t + h / 2)
        k4 = rate(z + h * k3[0], t + h)
        z, l, L, R = (y + h / 6 * (p + 2 * q + 2 * u + v) for y, p, q, u, v in zip((z, l, L, R), k1, k2, k3, k4))
    return (ALPHA_C * ((z * z).sum(1) / 2 - l) + L + ALPHA_R * R).mean()


serve(loss, weights)
