"""One training step of OT-Flow (arXiv:2006.00104) in PyTorch, as a peer of the benchmark `step`."""
from torch_potential import push, shapes
from torch_protocol import read_inputs, serve, task

B, d, m = task["B"], task["d"], task["H"]
STEPS = 6
ALPHA_C, ALPHA_R = 100.0, 15.0

x0, *weights = read_inputs([(B, d), *shapes(d, m)], weights=8)


def loss():
    z, l, L, R = push(weights, x0, STEPS)
    return (ALPHA_C * ((z * z).sum(1) / 2 - l) + L + ALPHA_R * R).mean()


serve(loss, weights)
