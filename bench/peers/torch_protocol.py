"""What the PyTorch peers of the benchmark `step` share: the task, its inputs, and the protocol of jkoflow_step.ts.

The task is one argument as JSON. The gradient at the given weights goes to a file; then for every line of input, a number
of steps of Adam, goes one line of output with the time of each and the peak of memory.
"""
import json
import resource
import sys
import time

import numpy
import torch

task = json.loads(sys.argv[1])
torch.set_num_threads(task["threads"])


def read_inputs(shapes, weights):
    """The tensors of these shapes, one behind the other in the task's file; the last `weights` of them are trained."""
    numbers = torch.from_numpy(numpy.fromfile(task["inputs"], dtype=numpy.float32))
    sizes = [int(numpy.prod(shape)) for shape in shapes]
    tensors = [part.reshape(shape).clone() for part, shape in zip(numbers.split(sizes), shapes)]
    for weight in tensors[-weights:]:
        weight.requires_grad_(True)
    return tensors


def serve(loss, weights):
    """Answer until the input ends; `loss()` is that of one batch."""
    optimiser = torch.optim.Adam(weights, lr=1e-3)

    def gradient():
        optimiser.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        return value

    def step():
        value = gradient()
        optimiser.step()
        return float(value)

    gradient()
    found = [torch.zeros_like(w) if w.grad is None else w.grad for w in weights]
    numpy.concatenate([g.numpy().ravel() for g in found]).tofile(task["gradient"])
    for _ in range(task["warmups"]):
        step()
    print(json.dumps({"ready": f"torch {torch.__version__}, {torch.get_num_threads()} thread(s)"}), flush=True)

    for line in sys.stdin:
        wall, cpu = [], []
        for _ in range(int(line)):
            cpu_start, start = time.process_time(), time.perf_counter()
            step()
            wall.append(1000 * (time.perf_counter() - start))
            cpu.append(1000 * (time.process_time() - cpu_start))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"wallMs": wall, "cpuMs": cpu, "peakMiB": peak}), flush=True)
