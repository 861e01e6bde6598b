"""The rounded twin: a torch model whose matrix products see BF16 inputs, as the chip's do.

Inside `RoundedProducts()` both operands of every matrix product (weights, activations, queries,
keys, values and attention probabilities) are rounded to BF16, ties to even, and multiplied with
FP32 sums. All else (RMSNorm, rotary embedding, softmax, SiLU, residual sums) stays in FP32. Since
keys and values meet only products after they are cached, this is also what a KV cache in BF16
gives. Products whose inner size is one are not rounded: transformers computes the rotary
embedding's angles as such. Models must be loaded with `attn_implementation="eager"`, so that
attention is made of products.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

aten = torch.ops.aten
# The operators that multiply matrices, and which of their arguments are the two factors.
PRODUCTS = {
    aten.mm.default: (0, 1),
    aten.bmm.default: (0, 1),
    aten.mv.default: (0, 1),
    aten.addmm.default: (1, 2),
    aten.baddbmm.default: (1, 2),
}
FUSED = {
    aten._scaled_dot_product_flash_attention_for_cpu.default,
    aten._scaled_dot_product_attention_math.default,
    aten._grouped_mm.default,
}


def rounded(values: torch.Tensor, significand_bits: int = 8) -> torch.Tensor:
    """The nearest value with so many bits (8 is BF16), ties to even, kept as FP32."""
    if significand_bits == 8:
        return values.to(torch.bfloat16).to(torch.float32)
    dropped = 24 - significand_bits
    bits = values.contiguous().view(torch.int32)
    even = (bits >> dropped) & 1
    return ((bits + (1 << (dropped - 1)) - 1 + even) >> dropped << dropped).view(torch.float32)


class RoundedProducts(TorchDispatchMode):
    """Rounds the factors of every matrix product to BF16, and counts the products.

    Weights are rounded once: a parameter's rounded copy is kept by its identity.
    """

    def __init__(self, parameters: Any = (), significand_bits: int = 8) -> None:
        super().__init__()
        self.products = 0
        self._bits = significand_bits
        matrices = [p.detach() for p in parameters if p.ndim == 2]
        self._weights = {p.data_ptr(): rounded(p, significand_bits) for p in matrices}

    def __torch_dispatch__(
        self, function: Any, types: Any, arguments: Any = (), keywords: Any = None
    ) -> Any:
        if function in FUSED:
            raise TypeError(f"{function} hides its products: load the model with eager attention")
        factors = PRODUCTS.get(function)
        if factors is None:
            return function(*arguments, **(keywords or {}))
        values = list(arguments)
        if values[factors[0]].shape[-1] > 1:
            self.products += 1
            for place in factors:
                values[place] = self._rounded(values[place])
        return function(*values, **(keywords or {}))

    def _rounded(self, values: torch.Tensor) -> torch.Tensor:
        kept = self._weights.get(values.data_ptr())
        if kept is not None and kept.numel() == values.numel():
            return kept.as_strided(values.shape, values.stride())
        return rounded(values, self._bits)
