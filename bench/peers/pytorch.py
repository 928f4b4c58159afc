"""PyTorch, on the CPU or with the argument `cuda` on an NVIDIA GPU: answers requests as `serve.mjs` describes them, in the frames of `frames.mjs` over standard input and output.

A work's `precision` is f32 (24 bits in every product), tf32 (operands of 11 bits) or f16 (numbers of 11 bits). `compile`
hands it to `torch.compile` in that mode; `graph` replays a training step as a CUDA graph.
"""

import json
import os
import signal
import sys
import threading
import time

import torch
import torch.nn.functional as F

EPSILON = 1e-3
MOMENTUM = 0.01  # torch counts the share of the new value
DEVICE = torch.device(sys.argv[1] if len(sys.argv) > 1 else "cpu")
IS_CUDA = DEVICE.type == "cuda"
DTYPES = {"Uint8Array": torch.uint8, "Float32Array": torch.float32}
torch.backends.cudnn.benchmark = True


def round_products(precision):
    """CUDA's convolutions would else round their operands to 11 bits without being asked."""
    torch.backends.cudnn.allow_tf32 = precision == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"


def compiled(function, mode):
    if mode is None:
        return function
    if not hasattr(torch, "compile"):
        raise RuntimeError(f"torch {torch.__version__} cannot compile; torch 2 can")
    return torch.compile(function, dynamic=False, mode=mode)


def shaped(array):
    return array["data"].reshape(array["shape"]).to(DEVICE)


def one_hot(codes, length, dtype=torch.float32):
    """Codes [N * length], on any device, as [N, 4, length]."""
    letters = F.one_hot(codes.reshape(-1, length).long(), 5)[:, :, :4]
    return letters.transpose(1, 2).to(dtype).contiguous()


class Evaluation(torch.nn.Module):
    """ResidualBind in evaluation, each batch normalisation folded into the layer before it, as deployed networks are."""

    def __init__(self, architecture, weights):
        super().__init__()
        self.dilations = architecture["dilations"]
        self.pool = architecture["pool"]
        layers = [f"conv{i}" for i in range(len(self.dilations) + 1)] + ["dense"]
        for i, layer in enumerate(layers):
            mean, var, gamma, beta = (shaped(weights[f"bn{i}.{kind}"]) for kind in ("mean", "var", "gamma", "beta"))
            scale = gamma / torch.sqrt(var + EPSILON)
            kernel = shaped(weights[f"{layer}.w"]) * scale
            turned = kernel.permute(2, 1, 0) if layer != "dense" else kernel.t()
            self.register_buffer(f"{layer}_w", turned.contiguous())
            self.register_buffer(f"{layer}_b", beta - mean * scale)
        self.register_buffer("out_w", shaped(weights["out.w"]).t().contiguous())
        self.register_buffer("out_b", shaped(weights["out.b"]))

    def convolution(self, x, i):
        dilation = 1 if i == 0 else self.dilations[i - 1]
        weight, bias = getattr(self, f"conv{i}_w"), getattr(self, f"conv{i}_b")
        return F.conv1d(x, weight, bias, padding="same", dilation=dilation)

    def forward(self, x):
        entry = F.relu(self.convolution(x, 0))
        h = entry
        for i in range(1, len(self.dilations)):
            h = F.relu(self.convolution(h, i))
        h = F.avg_pool1d(F.relu(self.convolution(h, len(self.dilations)) + entry), self.pool)
        # Dense weights count positions first.
        h = F.relu(F.linear(h.transpose(1, 2).flatten(1), self.dense_w, self.dense_b))
        return F.linear(h, self.out_w, self.out_b)[:, 0]


class Prediction:
    """What all kinds of prediction share: the network in its precision, compiled once in a process."""

    networks = {}

    def __init__(self, options, precision, compile):
        self.length = options["architecture"]["length"]
        self.precision = precision
        self.dtype = torch.float16 if precision == "f16" else torch.float32
        key = (precision, compile)
        if key not in Prediction.networks:
            network = Evaluation(options["architecture"], options["weights"]).to(DEVICE, self.dtype).eval()
            Prediction.networks[key] = compiled(network, compile)
        self.network = Prediction.networks[key]

    def predictions(self, x, batch):
        """[N] in f32 on the device. Replayed graphs overwrite their results, so each batch is copied at once."""
        out = torch.empty(len(x), device=DEVICE)
        for at in range(0, len(x), batch):
            out[at : at + batch] = self.network(x[at : at + batch])
        return out


class Forward(Prediction):
    """Predictions of sequences that lie on the device, one-hot."""

    def __init__(self, options, codes, scores=None, precision="f32", compile=None, batch=None):
        super().__init__(options, precision, compile)
        self.x = one_hot(codes.to(DEVICE), self.length, self.dtype)
        self.batch = batch or len(self.x)

    def once(self):
        with torch.inference_mode():
            return self.predictions(self.x, self.batch).cpu()


class Host(Prediction):
    """Predictions of codes that lie on the host."""

    def __init__(self, options, codes, scores=None, precision="f32", compile=None, batch=16384):
        super().__init__(options, precision, compile)
        self.codes = codes.reshape(-1, self.length)
        self.batch = batch
        if IS_CUDA:
            self.codes = self.codes.pin_memory()

    def once(self):
        with torch.inference_mode():
            out = torch.empty(len(self.codes), device=DEVICE)
            for at in range(0, len(self.codes), self.batch):
                codes = self.codes[at : at + self.batch].to(DEVICE, non_blocking=True)
                out[at : at + self.batch] = self.network(one_hot(codes, self.length, self.dtype))
            return out.cpu()


class Loop(Prediction):
    """The usual script: for every k-mer one call of `predict`, which takes one-hot arrays of the host batch by batch."""

    def __init__(self, options, codes, scores=None, precision="f32", compile=None, batch=32, backgrounds=1000):
        super().__init__(options, precision, compile)
        self.codes = codes.reshape(-1, backgrounds, self.length)
        self.batch = batch

    def predict(self, x):
        parts = [self.network(part.to(DEVICE, self.dtype)).float().cpu() for part in x.split(self.batch)]
        return torch.cat(parts)

    def once(self):
        with torch.inference_mode():
            return torch.cat([self.predict(one_hot(embedded, self.length)) for embedded in self.codes])


def is_kernel(name):
    return name.startswith("conv") and name.endswith(".w")


class Network:
    """ResidualBind in training as functions of named tensors; convolution kernels [out, in, taps]."""

    def __init__(self, architecture, weights):
        self.architecture = architecture
        self.tensors = {}
        for name, array in weights.items():
            value = shaped(array)
            self.tensors[name] = value.permute(2, 1, 0).contiguous() if is_kernel(name) else value.clone()

    def trained(self):
        return {name: t for name, t in self.tensors.items() if not name.endswith((".mean", ".var"))}

    def norm(self, x, i):
        mean, var, gamma, beta = (self.tensors[f"bn{i}.{kind}"] for kind in ("mean", "var", "gamma", "beta"))
        return F.batch_norm(x, mean, var, gamma, beta, True, MOMENTUM, EPSILON)

    def convolution(self, x, i):
        dilation = 1 if i == 0 else self.architecture["dilations"][i - 1]
        return F.conv1d(x, self.tensors[f"conv{i}.w"], padding="same", dilation=dilation)

    def loss(self, x, y, dropout):
        a = self.architecture
        rates = a["dropout"]
        last = len(a["dilations"])

        def drop(h, rate):
            return F.dropout(h, rate) if dropout and rate > 0 else h

        entry = drop(F.relu(self.norm(self.convolution(x, 0), 0)), rates["first"])
        h = entry
        for i in range(1, last + 1):
            h = self.norm(self.convolution(h, i), i)
            if i < last:
                h = drop(F.relu(h), rates["block"])
        h = drop(F.avg_pool1d(F.relu(h + entry), a["pool"]), rates["pool"])
        h = h.transpose(1, 2).reshape(len(x), -1) @ self.tensors["dense.w"]
        h = drop(F.relu(self.norm(h, last + 1)), rates["hidden"])
        return F.mse_loss((h @ self.tensors["out.w"] + self.tensors["out.b"])[:, 0], y)


class Train:
    """`steps` training steps of one batch; the loss of the last is read."""

    def __init__(self, options, codes, scores, dropout, precision="f32", compile=None, graph=False, steps=1):
        self.precision = precision
        self.network = Network(options["architecture"], options["weights"])
        self.x = one_hot(codes.to(DEVICE), options["architecture"]["length"])
        self.y = scores.to(DEVICE)
        self.dropout = dropout
        self.steps = steps
        self.loss = compiled(self.network.loss, compile)
        self.parameters = list(self.network.trained().values())
        for parameter in self.parameters:
            parameter.requires_grad_(True)
        adam = options["adam"]
        cuda = {"fused": True, "capturable": graph} if IS_CUDA else {}
        self.optimiser = torch.optim.Adam(
            self.parameters, lr=adam["rate"], betas=(adam["beta1"], adam["beta2"]), eps=adam["epsilon"], **cuda
        )
        round_products(precision)
        self.step = self.captured() if graph else self.eager

    def eager(self):
        self.optimiser.zero_grad(set_to_none=True)
        loss = self.loss(self.x, self.y, self.dropout)
        loss.backward()
        self.optimiser.step()
        return loss

    def captured(self):
        """The step as a CUDA graph. The steps that warm it up are undone."""
        if not IS_CUDA:
            raise RuntimeError("CUDA graphs need CUDA")
        before = {name: value.detach().clone() for name, value in self.network.tensors.items()}
        stream = torch.cuda.Stream()
        stream.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(stream):
            for _ in range(5):
                self.eager()
        torch.cuda.current_stream().wait_stream(stream)
        graph = torch.cuda.CUDAGraph()
        self.optimiser.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            loss = self.loss(self.x, self.y, self.dropout)
            loss.backward()
            self.optimiser.step()
        with torch.no_grad():
            for name, value in before.items():
                self.network.tensors[name].copy_(value)
            for state in self.optimiser.state.values():
                for value in state.values():
                    value.zero_()

        def replay():
            graph.replay()
            return loss

        return replay

    def once(self):
        for _ in range(self.steps):
            loss = self.step()
        return loss.item()

    def gradients(self):
        loss = self.network.loss(self.x, self.y, self.dropout)
        named = {}
        for name, gradient in zip(self.network.trained(), torch.autograd.grad(loss, self.parameters)):
            turned = gradient.permute(2, 1, 0) if is_kernel(name) else gradient
            named[name] = turned.reshape(-1).cpu()
        return named


KINDS = {"forward": Forward, "host": Host, "loop": Loop, "train": Train}


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
        self.works = {}

    def open(self, options):
        self.options = options
        torch.set_num_threads(os.cpu_count())
        torch.manual_seed(1)
        threads = f"{torch.get_num_threads()} threads, BLAS: {blas()}"
        note = torch.cuda.get_device_name(DEVICE) if IS_CUDA else threads
        return {"version": torch.__version__, "note": note, "does": list(KINDS)}

    def prepare(self, slot, argument):
        self.works.pop(slot, None)
        self.works[slot] = KINDS[argument.pop("kind")](self.options, **argument)

    def answer(self, operation, slot, argument):
        if operation == "open":
            return self.open(argument)
        if operation == "prepare":
            return self.prepare(slot, argument)
        if operation == "release":
            self.works.pop(slot, None)
            return None
        work = self.works[slot]
        round_products(work.precision)
        if operation == "time":
            return sample(work.once, argument)
        if operation == "run":
            return work.once()
        if operation == "gradients":
            return work.gradients()
        if operation == "count":
            return {}  # of dispatches and submits: it makes none
        raise ValueError(f"there is no operation {operation}")


def read_frame(stream):
    """The next message, or None at the end."""
    line = stream.readline()
    if not line:
        return None
    frame = json.loads(line)
    arrays = []
    for array in frame["arrays"]:
        dtype = DTYPES[array["type"]]
        size = array["length"] * torch.empty(0, dtype=dtype).element_size()
        arrays.append(torch.frombuffer(bytearray(stream.read(size)), dtype=dtype))

    def placed(value):
        if isinstance(value, dict):
            if "$array" in value:
                return arrays[value["$array"]]
            return {name: placed(each) for name, each in value.items()}
        return [placed(each) for each in value] if isinstance(value, list) else value

    return placed(frame["message"])


def write_frame(stream, message):
    arrays = []

    def as_reference(value):
        arrays.append(value.detach().float().contiguous().numpy())
        return {"$array": len(arrays) - 1}

    text = json.dumps(message, default=as_reference)
    heads = json.dumps([{"type": "Float32Array", "length": array.size} for array in arrays])
    stream.write(f'{{"message":{text},"arrays":{heads}}}\n'.encode())
    for array in arrays:
        stream.write(array.tobytes())
    stream.flush()


def end_with_parent():
    """Never outlives the bench, whatever it is compiling: the group holds the compiler's processes too."""
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    os.killpg(0, signal.SIGKILL)


def main():
    threading.Thread(target=end_with_parent, daemon=True).start()
    # Compilers print where they like; frames have a stream of their own.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    server = Server()
    while (request := read_frame(sys.stdin.buffer)) is not None:
        try:
            result = server.answer(request["operation"], request.get("slot"), request.get("argument"))
            reply = {"result": result}
        except Exception as error:  # whatever it is, the parent reports it
            lines = str(error).strip().splitlines() or [""]
            reply = {"error": f"{type(error).__name__}: {lines[0]}"}
        write_frame(answers, {"id": request["id"], **reply})


main()
