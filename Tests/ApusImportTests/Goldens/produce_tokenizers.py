"""Write Goldens/tokenizers/*.json and Goldens/templates.json with the reference implementations.

    .venv/bin/python Tests/ApusImportTests/Goldens/produce_tokenizers.py

Each file of a tokenizer holds a small `tokenizer.json`, or the vocabulary of a GGUF file, and
strings with their ids and decoded text. Needs python/requirements-chat.txt.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import unicodedata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
HERE = Path(__file__).resolve().parent
sys.path[0] = str(ROOT / "benchmarks/chat/vocabularies")

import families  # noqa: E402
import strings  # noqa: E402

KINDS = ["gpt2", "llama3", "qwen2", "deepseek-v3", "llama2", "gemma", "unigram", "spm-pairs"]
SEED = 7
# Some of SentencePiece's own replacements; all of them take 300 kB.
RULES = """FB01\t66 69
212B\tC5
41 30A\tC5
3000\t20
A0\t20
B2\t32
200B\t
FF01\t21
BD\t31 2044 32
"""


def small_corpus(seed: int) -> list[str]:
    """So little text that the vocabularies stay small."""
    source = random.Random(seed)
    lines = strings.TOPICS.split("\n")[:300]
    return lines + [source.choice(strings.WORDS + strings.CODE) for _ in range(200)]


def vocabulary(family: families.Family) -> dict:
    """What the test makes the tokenizer from."""
    if family.path.suffix == ".json":
        return {"tokenizer": json.loads(family.path.read_text())}
    from gguf import GGUFReader

    fields = GGUFReader(str(family.path)).fields
    names = ["model", "tokens", "scores", "token_type", "add_space_prefix"]
    return {"gguf": {name: fields[f"tokenizer.ggml.{name}"].contents() for name in names}}


def cases(family: families.Family) -> list[dict]:
    source = random.Random(f"{SEED} {family.name}")
    texts = ["", " ", "a", *strings.WORDS, *strings.EMOJI, *strings.CODE]
    texts += [strings.text(source, family.special)[:120] for _ in range(60)]
    result = []
    for index, text in enumerate(texts):
        parse = index % 2 == 0
        skip = not parse or family.first > 0
        ids = family.encode(text, parse)
        result.append({"text": text, "parse": parse, "skip": skip, "ids": ids,
                       "decoded": family.decode(ids, skip)})
    return result


def write(path: Path, value: object) -> None:
    path.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def tokenizers() -> None:
    strings.corpus = small_corpus
    families.VOCABULARY = 500
    folder = HERE / "tokenizers"
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        for name in KINDS:
            if name == "unigram":
                rules = Path(scratch) / "few.tsv"
                rules.write_text(RULES)
                family = families.unigram(name, Path(scratch), SEED, str(rules), False)
            else:
                family = families.build(name, Path(scratch), SEED)
            write(folder / f"{name}.json", {**vocabulary(family), "cases": cases(family)})


def forms() -> None:
    """Normalisation forms of words, and of every scalar that one of them changes."""
    texts = [*strings.WORDS, "a\u0323\u0307", "a\u0307\u0323", "\u1100\u1161\u11a8", "q\u0307\u0323"]
    texts += [
        "".join(chr(value) for value in values)
        for values in batches(
            [value for value in range(0x110000) if not 0xD800 <= value < 0xE000
             and unicodedata.normalize("NFKD", chr(value)) != chr(value)
             and not 0xAC00 <= value < 0xD7A4], 64)]
    write(HERE / "normal-forms.json", [
        {"text": text, **{form: unicodedata.normalize(form, text)
                          for form in ("NFC", "NFD", "NFKC", "NFKD")}} for text in texts])


def batches(values: list[int], count: int) -> list[list[int]]:
    return [values[start : start + count] for start in range(0, len(values), count)]


def templates() -> None:
    sys.path.insert(0, str(ROOT / "benchmarks/chat"))
    import templates as comparison

    result = []
    for path in sorted(comparison.TEMPLATES.glob("*.jinja")):
        text = path.read_text()
        source = random.Random(f"{SEED} {path.stem}")
        template = comparison.environment().from_string(text)
        for _ in range(12):
            case = {"messages": comparison.messages(source),
                    "variables": comparison.variables(source),
                    "tools": [comparison.tool(source) for _ in range(source.choice([0, 1]))],
                    "add_generation_prompt": source.random() < 0.5}
            case["expected"] = comparison.reference(template, case)
            case["name"] = path.stem
            result.append(case)
    write(HERE / "templates.json", result)


if __name__ == "__main__":
    tokenizers()
    forms()
    templates()
