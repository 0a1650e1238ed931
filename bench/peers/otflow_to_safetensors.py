"""A checkpoint of the OT-Flow authors' code (github.com/EmoryMLIP/OT-Flow) as safetensors, for `jko import otflow`.

    python3 otflow_to_safetensors.py checkpt.pth out.safetensors

Needs PyTorch. A .pth file is a pickle and may run code: convert only files that you trust.
"""
import json
import struct
import sys

import torch

source, target = sys.argv[1:]
# Checkpoints hold the command line beside the weights, as an argparse.Namespace.
checkpoint = torch.load(source, map_location="cpu")
state = checkpoint["state_dict"] if "state_dict" in checkpoint else checkpoint
header, body = {}, b""
for name, tensor in state.items():
    values = tensor.detach().to(torch.float32).contiguous()
    data = values.numpy().astype("<f4").tobytes()
    header[name] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [len(body), len(body) + len(data)]}
    body += data
text = json.dumps(header).encode()
text += b" " * (-len(text) % 8)
with open(target, "wb") as file:
    file.write(struct.pack("<Q", len(text)) + text + body)
print(f"{target}: {len(header)} tensors, {sum(t.numel() for t in state.values())} numbers")
