"""Steps of a served language model as sums of kernels, and how far real servers are from them.

A point is a server under constant concurrency. Its time per output token is one decode step of all
running requests, plus its share of the prefills that other requests put between (each request has
one prefill in as many steps as it has output tokens):

    TPOT = decode(concurrency, context) + interference · concurrency / outputs · prefill(inputs)

decode = Σ kernels, each kind scaled, + layers · per_layer + per_step. Scales and overheads are
fitted for each serving framework, with a factor for each family of models.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from baseline import Baseline
from models import FAMILIES, Model, family

#: Bytes a µs that memory gives, and 16-bit operations a µs, of streaming kernels.
BANDWIDTH = {"h100": 2.8e6, "h200": 4.0e6}
OPERATIONS = 600e6


@dataclass(frozen=True)
class Step:
    """µs of one forward pass of a layer stack by kind of kernel, on one GPU of `tp`."""

    dense: float
    attention: float
    experts: float
    allreduce: float
    layers: float

    def row(self) -> list[float]:
        return [self.dense, self.attention, self.experts, self.allreduce, self.layers]


class Server:
    """A model on `tp` GPUs."""

    def __init__(
        self,
        base: Baseline,
        device: str,
        model: Model,
        tp: int,
        kind: str,
        kv: str,
        gpus: int | None = None,
    ):
        self.base, self.device, self.model, self.tp = base, device, model, tp
        self.kind, self.kv = kind, kv
        # GPUs that share the experts; more than `tp` when attention is data parallel.
        self.gpus = gpus or tp
        self.group = max(t for t in (1, 2, 4, 8) if t <= tp)

    def matmul(self, rows: float, columns: float, inner: float, kind: str | None = None) -> float:
        return float(self.base.gemm(self.device, kind or self.kind, rows, columns, inner)[0])

    def dense(self, rows: float) -> float:
        """Projections of all layers, dense feed-forward layers and the vocabulary."""
        m, tp = self.model, self.tp
        if m.latent:
            per_head = 192
            layer = self.matmul(rows, m.query_rank + m.latent, m.hidden)
            layer += self.matmul(rows, m.heads * per_head / tp, m.query_rank)
            # Absorbed projections into and out of the latent space, one for each head.
            layer += 2 * self.matmul(rows, m.heads * 128 / tp, 512)
            layer += self.matmul(rows, m.hidden, m.heads * 128 / tp)
        else:
            kv = max(m.kv_heads / tp, 1)
            layer = self.matmul(rows, (m.heads / tp + 2 * kv) * m.head, m.hidden)
            layer += self.matmul(rows, m.hidden, m.heads * m.head / tp)
        time = m.layers * layer
        dense_layers = m.dense_layers if m.experts else m.layers
        if dense_layers:
            time += dense_layers * self.feed_forward(rows, m.inner / tp)
        if m.shared_inner:
            time += (m.layers - dense_layers) * self.feed_forward(rows, m.shared_inner / tp)
        return time + self.matmul(min(rows, 512), m.vocabulary / tp, m.hidden, "bfloat16")

    def feed_forward(self, rows: float, inner: float) -> float:
        hidden = self.model.hidden
        return self.matmul(rows, 2 * inner, hidden) + self.matmul(rows, hidden, inner)

    def experts(self, rows: float) -> float:
        """Grouped products: bytes of the experts that are touched, or their operations."""
        m = self.model
        if not m.experts:
            return 0.0
        touched = m.experts * (1 - (1 - m.taken / m.experts) ** rows)
        weights = 3 * m.hidden * m.expert_inner / self.gpus
        bytes_moved = touched * weights * m.weight_bytes
        operations = 2 * rows * m.taken * weights
        speed = OPERATIONS * (2 if self.kind.startswith("fp8") else 1)
        memory, compute = bytes_moved / BANDWIDTH[self.device], operations / speed
        return (m.layers - m.dense_layers) * (memory**2 + compute**2) ** 0.5

    def reduce(self, rows: float) -> float:
        size = max(rows * self.model.hidden * 2, 256)
        return 2 * self.model.layers * float(self.base.allreduce(self.device, self.group, size)[0])

    def decode(self, batch: float, context: float) -> Step:
        m, requests = self.model, batch
        # Data-parallel attention: each replica of `tp` GPUs has its share of the requests.
        batch = max(batch * self.tp / self.gpus, 1)
        if m.latent:
            # All heads share the latent cache: every GPU reads it whole.
            moved = batch * context * m.latent * 2 / BANDWIDTH[self.device]
            operations = 2 * batch * m.heads / self.tp * context * (m.latent + 512) / OPERATIONS
            one = 12 + (moved**2 + operations**2) ** 0.5
        else:
            one = float(
                self.base.attention(
                    self.device,
                    "generation",
                    m.head,
                    self.kv,
                    batch,
                    context,
                    max(m.heads / self.tp, 1),
                    max(m.kv_heads / self.tp, 1),
                )[0]
            )
        return Step(
            self.dense(batch),
            m.layers * m.full_layers * one,
            self.experts(requests),
            self.reduce(batch),
            m.layers,
        )

    def prefill(self, length: float) -> Step:
        m = self.model
        if m.latent:
            one = 20 + 2 * m.heads / self.tp * length**2 / 2 * 320 / OPERATIONS
        else:
            one = float(
                self.base.attention(
                    self.device,
                    "context",
                    m.head,
                    self.kv,
                    1,
                    length,
                    max(m.heads / self.tp, 1),
                    max(m.kv_heads / self.tp, 1),
                )[0]
            )
        return Step(
            self.dense(length),
            m.layers * m.full_layers * one,
            self.experts(length),
            self.reduce(length),
            m.layers,
        )


@dataclass(frozen=True)
class Point:
    """A measured serving point, with its kernels."""

    family: str
    backend: str
    system: str
    disaggregated: bool
    tp: int
    ep: int
    inputs: float
    outputs: float
    concurrency: float
    milliseconds: float
    decode: Step
    prefill: Step
    #: Whether the table says how many decode workers share the requests.
    described: bool

    def curve(self) -> tuple:
        """What is held out together: all concurrencies of one server, whoever measured them."""
        return (
            self.family,
            self.backend,
            self.system,
            self.disaggregated,
            self.tp,
            self.inputs,
            self.outputs,
        )


def points(rows: list[dict[str, str]], base: Baseline) -> list[Point]:
    made: dict[tuple, Server] = {}
    found = []
    for row in rows:
        split = row["mode"] == "disagg"
        device = row["system"][:4]
        name = family(row["model_path"])
        tp = parallel(row, split)
        ep = int(float((row["decode_moe_ep_size"] if split else row["moe_ep_size"]) or 1) or 1)
        kind = {"fp8": "fp8", "fp8_block": "fp8_block"}.get(row["gemm_quant_mode"], "bfloat16")
        kv = "fp8" if kind == "fp8" and row["backend"] == "trtllm" else "bfloat16"
        gpus = max(tp, ep) if FAMILIES[name].experts else tp
        key = (device, name, tp, gpus, kind, kv)
        if key not in made:
            made[key] = Server(base, device, FAMILIES[name], tp, kind, kv, gpus)
        concurrency = re.search(r"silicon_concurrency=(\d+)", row["silicon_data_source"])
        batch = float(concurrency.group(1)) if concurrency else float(row["batch_size"] or 1)
        inputs, outputs = float(row["isl"]), float(row["osl"])
        # Decode workers share the requests, where their number is known.
        here = max(batch / max(float(row["decode_num_workers"] or 1), 1), 1)
        server = made[key]
        described = not split or bool(row["decode_num_workers"])
        found.append(
            Point(
                name,
                row["backend"],
                device,
                split,
                tp,
                ep,
                inputs,
                outputs,
                batch,
                float(row["silicon_tpot_ms"]),
                server.decode(here, inputs + outputs / 2),
                server.prefill(inputs),
                described,
            )
        )
    return found


def parallel(row: dict[str, str], split: bool) -> int:
    """GPUs of a server; 64 and 16 in some rows are tensor times expert parallelism of one node."""
    tp = int(float(row["decode_tp_size"] if split else row["tp_size"]))
    ep = int(float(row["moe_ep_size"] or 1)) if not split else 1
    named = re.search(r"_tp(\d+)_", row["id"])
    if named and not split:
        return int(named.group(1))
    return tp // ep if tp > 8 and ep > 1 and not split else tp
