"""PyTorch, on the CPU or with the argument `cuda` on an NVIDIA GPU: answers requests as `serve.mjs` describes them, as lines of JSON over standard input and output."""

import json
import os
import sys
import time

import torch
import torch.nn.functional as F

EPSILON = 1e-3
MOMENTUM = 0.01  # torch counts the share of the new value
DEVICE = torch.device(sys.argv[1] if len(sys.argv) > 1 else "cpu")
# Sums and products of 24 bits, as everybody's: CUDA's convolutions would else round their operands to 11.
torch.backends.cudnn.allow_tf32 = False
torch.backends.cuda.matmul.allow_tf32 = False
torch.backends.cudnn.benchmark = True


def tensor(array):
    return torch.tensor(array["data"], dtype=torch.float32, device=DEVICE).reshape(array["shape"])


def one_hot(codes, length):
    codes = torch.tensor(codes, device=DEVICE).reshape(-1, length)
    return F.one_hot(codes, 5)[:, :, :4].float()


def is_kernel(name):
    return name.startswith("conv") and name.endswith(".w")


class Network:
    """ResidualBind as functions of named tensors; convolution kernels [out, in, taps]."""

    def __init__(self, architecture, weights):
        self.architecture = architecture
        self.tensors = {}
        for name, array in weights.items():
            value = tensor(array)
            self.tensors[name] = value.permute(2, 1, 0).contiguous() if is_kernel(name) else value

    def trained(self):
        return {name: t for name, t in self.tensors.items() if not name.endswith((".mean", ".var"))}

    def norm(self, x, i, training):
        mean, var, gamma, beta = (self.tensors[f"bn{i}.{kind}"] for kind in ("mean", "var", "gamma", "beta"))
        return F.batch_norm(x, mean, var, gamma, beta, training, MOMENTUM, EPSILON)

    def convolution(self, x, i):
        dilation = 1 if i == 0 else self.architecture["dilations"][i - 1]
        return F.conv1d(x, self.tensors[f"conv{i}.w"], padding="same", dilation=dilation)

    def __call__(self, x, training=False, dropout=False):
        a = self.architecture
        rates = a["dropout"]
        last = len(a["dilations"])

        def drop(h, rate):
            return F.dropout(h, rate) if dropout and rate > 0 else h

        entry = drop(F.relu(self.norm(self.convolution(x.transpose(1, 2), 0), 0, training)), rates["first"])
        h = entry
        for i in range(1, last + 1):
            h = self.norm(self.convolution(h, i), i, training)
            if i < last:
                h = drop(F.relu(h), rates["block"])
        h = drop(F.avg_pool1d(F.relu(h + entry), a["pool"]), rates["pool"])
        h = h.transpose(1, 2).reshape(len(x), -1) @ self.tensors["dense.w"]
        h = drop(F.relu(self.norm(h, last + 1, training)), rates["hidden"])
        return (h @ self.tensors["out.w"] + self.tensors["out.b"])[:, 0]


class Forward:
    def __init__(self, options, codes, scores=None, dropout=False):
        self.network = Network(options["architecture"], options["weights"])
        self.x = one_hot(codes, options["architecture"]["length"])

    def once(self):
        with torch.no_grad():
            return self.network(self.x).tolist()


class Train:
    def __init__(self, options, codes, scores, dropout):
        self.options = options
        self.network = Network(options["architecture"], options["weights"])
        self.x = one_hot(codes, options["architecture"]["length"])
        self.y = torch.tensor(scores, dtype=torch.float32, device=DEVICE)
        self.dropout = dropout
        parameters = list(self.network.trained().values())
        for parameter in parameters:
            parameter.requires_grad_(True)
        adam = options["adam"]
        self.optimiser = torch.optim.Adam(
            parameters, lr=adam["rate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"]
        )

    def backward(self):
        self.optimiser.zero_grad()
        loss = F.mse_loss(self.network(self.x, training=True, dropout=self.dropout), self.y)
        loss.backward()
        return loss.item()

    def once(self):
        loss = self.backward()
        self.optimiser.step()
        return loss

    def gradients(self):
        self.backward()
        named = {}
        for name, parameter in self.network.trained().items():
            gradient = parameter.grad.permute(2, 1, 0) if is_kernel(name) else parameter.grad
            named[name] = gradient.reshape(-1).tolist()
        return named


def sample(once, effort):
    """Seconds a run: at least `minSamples` of them, and until `maxTime` seconds are over."""
    seconds = []
    start = time.perf_counter()
    while len(seconds) < effort["minSamples"] or time.perf_counter() - start < effort["maxTime"]:
        before = time.perf_counter()
        once()
        seconds.append(time.perf_counter() - before)
    return seconds


def blas():
    """The BLAS library this process has loaded, which is what runs, whatever torch was built for."""
    if not os.path.exists("/proc/self/maps"):
        return "unknown"
    with open("/proc/self/maps") as maps:
        paths = {os.path.realpath(line.split()[-1]) for line in maps if "/" in line}
    names = {os.path.basename(path) for path in paths}
    fast = sorted(name for name in names if any(known in name for known in ("openblas", "mkl", "blis")))
    return ", ".join(fast) or "none of the fast ones"


class Server:
    def __init__(self):
        self.options = None
        self.work = None

    def answer(self, operation, argument):
        if operation == "open":
            self.options = argument
            torch.set_num_threads(os.cpu_count())
            torch.manual_seed(1)
            note = (
                f"{torch.cuda.get_device_name(DEVICE)}, no TF32"
                if DEVICE.type == "cuda"
                else f"{torch.get_num_threads()} threads, BLAS: {blas()}"
            )
            return {"version": torch.__version__, "note": note, "trains": True}
        if operation == "prepare":
            kind = Train if argument.pop("kind") == "train" else Forward
            self.work = kind(self.options, **argument)
            return None
        if operation == "time":
            return sample(self.work.once, argument)
        if operation == "run":
            return self.work.once()
        if operation == "gradients":
            return self.work.gradients()
        if operation == "count":
            return {}  # of dispatches and submits: it makes none
        if operation == "release":
            self.work = None
            return None
        raise ValueError(f"there is no operation {operation}")


def main():
    server = Server()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            reply = {"result": server.answer(request["operation"], request.get("argument"))}
        except Exception as error:  # whatever it is, the parent reports it
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **reply}), flush=True)


main()
