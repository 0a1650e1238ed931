"""OT-Flow (arXiv:2006.00104) with one residual layer in PyTorch: gradient and Laplacian of the potential by their recursions,
as its own code has them, no automatic differentiation in the right-hand side; autograd differentiates through all steps.
"""
import torch


def shapes(d, m):
    """K0, b0, K1, b1, w, A, b, c."""
    r = min(10, d + 1)
    return [(m, d + 1), (m,), (m, m), (m,), (m,), (r, d + 1), (d + 1,), (1,)]


def sigma(u):
    return u.abs() + torch.log(1 + torch.exp(-2 * u.abs()))


def gradient_and_laplacian(weights, s):
    """For rows s [B, d + 1], the time last: the gradient [B, d + 1], and the Laplacian [B] with respect to the first d."""
    K0, b0, K1, b1, w, A, b, _ = weights
    (B, d), m = (s.shape[0], s.shape[1] - 1), len(w)
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


def rates(weights, x, t):
    d = x.shape[1]
    grad, laplacian = gradient_and_laplacian(weights, torch.cat([x, x.new_full((x.shape[0], 1), t)], 1))
    v = -grad[:, :d]
    cost = (v * v).sum(1) / 2
    return v, -laplacian, cost, (cost - grad[:, d]).abs()


def push(weights, z, steps, start=0.0, end=1.0):
    """Runge-Kutta of order 4: rows, log-determinant, transport and Hamilton-Jacobi-Bellman penalty."""
    h = (end - start) / steps
    l, L, R = 0.0, 0.0, 0.0
    for i in range(steps):
        t = start + i * h
        k1 = rates(weights, z, t)
        k2 = rates(weights, z + h / 2 * k1[0], t + h / 2)
        k3 = rates(weights, z + h / 2 * k2[0], t + h / 2)
        k4 = rates(weights, z + h * k3[0], t + h)
        z, l, L, R = (y + h / 6 * (p + 2 * q + 2 * u + v) for y, p, q, u, v in zip((z, l, L, R), k1, k2, k3, k4))
    return z, l, L, R
