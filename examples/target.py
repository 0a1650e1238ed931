"""A log-density for `jko infer --process "python3 examples/target.py" --columns a,b`: rows in, log-densities and slopes out."""
import sys
import numpy as np


def log_density(x):
    """A banana: a ~ N(0, 1), b | a ~ N(a^2 - 1, 1/4); and its gradient."""
    a, b = x.T
    away = b - (a**2 - 1)
    return -(a**2 + 4 * away**2) / 2, np.stack([-a + 8 * away * a, -4 * away], axis=1)


while head := sys.stdin.buffer.readline():
    n, d = int(head.split()[1]), int(head.split()[3])
    value, slopes = log_density(np.frombuffer(sys.stdin.buffer.read(8 * n * d), "<f8").reshape(n, d))
    sys.stdout.buffer.write(np.concatenate([value, slopes.ravel()]).astype("<f8").tobytes())
    sys.stdout.buffer.flush()
