"""Time llama.cpp on a GGUF file: the figures beside which Apus's own stand.

    python benchmarks/chat/llama_cpp.py model.gguf --threads 2

Prints one line of JSON: prefill and decode in tokens a second (the best of the repeats), the peak
memory of the process in bytes, and what was measured. Needs `pip install llama-cpp-python==0.3.36`;
without it the exit status is 77.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

NOT_INSTALLED = 77

HERE = Path(__file__).resolve().parent
# This file bears the module's name: Python must not find it in its own folder.
sys.path = [folder for folder in sys.path if Path(folder or ".").resolve() != HERE]


@dataclass(frozen=True)
class Figures:
    """What llama.cpp makes of a model."""

    program: str
    version: str
    threads: int
    prompt_tokens: int
    decoded_tokens: int
    load_seconds: float
    prefill_tokens_per_second: float
    decode_tokens_per_second: float
    peak_rss_bytes: int


def measure(model: str, threads: int, prompt: int, decoded: int, repeats: int) -> Figures:
    """Evaluate a prompt in one batch, then token after token, greedily."""
    import llama_cpp

    start = time.perf_counter()
    llama = llama_cpp.Llama(
        model_path=model,
        n_ctx=prompt + decoded + 16,
        n_batch=512,
        n_threads=threads,
        n_threads_batch=threads,
        logits_all=False,
        verbose=False,
    )
    load = time.perf_counter() - start
    generator = random.Random(1)
    tokens = [generator.randrange(1000, llama.n_vocab() - 1000) for _ in range(prompt)]
    prefill = decode = 0.0
    for _ in range(repeats):
        llama.reset()
        start = time.perf_counter()
        llama.eval(tokens)
        middle = time.perf_counter()
        for _ in range(decoded):
            llama.eval([llama.sample(temp=0.0)])
        end = time.perf_counter()
        prefill = max(prefill, prompt / (middle - start))
        decode = max(decode, decoded / (end - middle))
    return Figures(
        program="llama.cpp by llama-cpp-python",
        version=llama_cpp.__version__,
        threads=threads,
        prompt_tokens=prompt,
        decoded_tokens=decoded,
        load_seconds=round(load, 3),
        prefill_tokens_per_second=round(prefill, 2),
        decode_tokens_per_second=round(decode, 2),
        peak_rss_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )


def main() -> int:
    """Read the command line, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", help="a GGUF file")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--prompt-tokens", type=int, default=512)
    parser.add_argument("--decode-tokens", type=int, default=64)
    parser.add_argument("--repeats", type=int, default=3)
    given = parser.parse_args()
    try:
        import llama_cpp  # noqa: F401
    except ImportError:
        print("llama-cpp-python is not installed: pip install llama-cpp-python==0.3.36",
              file=sys.stderr)
        return NOT_INSTALLED
    figures = measure(
        given.model, given.threads, given.prompt_tokens, given.decode_tokens, given.repeats)
    print(json.dumps(asdict(figures)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
