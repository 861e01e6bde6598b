"""Random text of many scripts, and text to train tokenizers on."""

from __future__ import annotations

import pydoc_data.topics
import random
import unicodedata

# First and last scalar of blocks; only assigned scalars are taken from them.
SCRIPTS = {
    "latin": (0x41, 0x24F), "greek": (0x370, 0x3FF), "cyrillic": (0x400, 0x52F),
    "armenian": (0x531, 0x58F), "hebrew": (0x591, 0x5F4), "arabic": (0x600, 0x6FF),
    "devanagari": (0x900, 0x97F), "bengali": (0x980, 0x9FE), "tamil": (0xB82, 0xBFA),
    "telugu": (0xC00, 0xC7F), "thai": (0xE01, 0xE5B), "tibetan": (0xF00, 0xFDA),
    "georgian": (0x10A0, 0x10FF), "hangul": (0xAC00, 0xD7A3), "jamo": (0x1100, 0x11FF),
    "ethiopic": (0x1200, 0x137C), "cherokee": (0x13A0, 0x13FD), "khmer": (0x1780, 0x17F9),
    "mongolian": (0x1800, 0x18AA), "hiragana": (0x3041, 0x309F), "katakana": (0x30A0, 0x30FF),
    "han": (0x4E00, 0x9FFF), "han extension": (0x20000, 0x2A6DF), "yi": (0xA000, 0xA48C),
    "presentation": (0xFB00, 0xFDFF), "wide": (0xFF01, 0xFFEE), "gothic": (0x10330, 0x1034A),
    "deseret": (0x10400, 0x1044F), "mathematical": (0x1D400, 0x1D7FF),
    "punctuation": (0x2000, 0x206F), "symbols": (0x2070, 0x2BFF), "numbers": (0x2150, 0x218B),
    "extended": (0x1E00, 0x1FFF), "combining": (0x300, 0x36F), "modifiers": (0x2B0, 0x2FF),
    "emoji": (0x1F300, 0x1FAFF), "tags": (0xE0020, 0xE007F), "compatibility": (0x3300, 0x33FF),
}
EMOJI = [
    "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇫🇷", "🇨🇳", "1️⃣", "🧑🏿‍🚀", "❤️", "🤦🏼‍♂️", "😀", "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
]
SPACES = [" ", "  ", "   ", "\t", "\n", "\r\n", "\n\n", " \n ", "\u00a0", "\u3000", "\u2003",
          "\u200b", "\u200d", "\ufeff", "\u0085", "\u2028", "        ", "\n\n\n\n", "\v", "\f"]
WORDS = [
    "don't", "DON'T", "it's", "I'LL", "we've", "they're", "ſ", "'ſ", "naïve", "Ελλάδα", "Привет",
    "مرحبا", "नमस्ते", "สวัสดี", "こんにちは", "你好，世界", "안녕하세요", "שלום", "ſtraße", "İstanbul",
    "e\u0301tude", "ﬁnance", "Å", "\u212b", "\u1e9b\u0323", "½", "x²", "①②③", "Ⅻ", "٣٤٥", "१२३",
    "3.14159", "1000000", "1,234,567.89", "0xFF", "1e-9", "2024-02-29", "▁", "▁▁a", "<0x0A>", "Ġ",
    "camelCase", "HTTPServer", "snake_case", "https://example.org/a?b=c&d=%20#e", "a@b.co",
]
CODE = [
    "def f(x: int) -> int:\n    return x * 2\n", "for (int i = 0; i < n; ++i) {\n\ta[i] += b[i];\n}",
    "SELECT * FROM t WHERE a <> 'b';", "#include <stdio.h>\n", "{\"key\": [1, 2.5, null]}",
    "<div class=\"x\">&nbsp;</div>", "let y = x?.map { $0 + 1 } ?? []", "\\frac{a}{b} \\leq \\sum_i",
    "$ ls -la | grep '^d' > out.txt 2>&1", "if (a && !b || c) { return ~d ^ e; }",
]


# Scalars whose compatibility mappings are newer than those of the `tokenizers` package (Unicode 12),
# found by comparing its normal forms with Python's on every scalar and beside other marks.
NEWER = {
    chr(value)
    for first, last in [
        (0x32FF, 0x32FF), (0xA7F2, 0xA7F4), (0xAB69, 0xAB69), (0x10781, 0x107BA),
        (0x1F16C, 0x1F16C), (0x1FBF0, 0x1FBF9),
        # Marks whose combining class is newer, so that it does not order them.
        (0x7FD, 0x7FD), (0x898, 0x89F), (0x8CA, 0x8D3), (0x9FE, 0x9FE), (0xC3C, 0xC3C),
        (0xD3B, 0xD3C), (0xEBA, 0xEBA), (0x1715, 0x1715), (0x1ABF, 0x1ACE), (0x1DF6, 0x1DFA),
        (0xA82C, 0xA82C), (0x10D24, 0x10D27), (0x10EAB, 0x10EAC), (0x10F46, 0x10F50),
        (0x10F82, 0x10F85), (0x11070, 0x11070), (0x1133B, 0x1133B), (0x1145E, 0x1145E),
        (0x11839, 0x1183A), (0x1193D, 0x1193E), (0x11943, 0x11943), (0x119E0, 0x119E0),
        (0x11A34, 0x11A34), (0x11A47, 0x11A47), (0x11A99, 0x11A99), (0x11D42, 0x11D42),
        (0x11D44, 0x11D45), (0x11D97, 0x11D97), (0x16FF0, 0x16FF1), (0x1E130, 0x1E136),
        (0x1E2AE, 0x1E2AE), (0x1E2EC, 0x1E2EF),
    ]
    for value in range(first, last + 1)
}


def is_known(character: str) -> bool:
    """Whether Python's Unicode assigns it, and the references do not have older data for it."""
    return unicodedata.category(character) not in ("Cn", "Cs") and character not in NEWER


def assigned(first: int, last: int) -> list[str]:
    """The scalars of a block that Unicode assigns, in Python's version."""
    return [
        chr(value)
        for value in range(first, last + 1)
        if is_known(chr(value))
    ]


BLOCKS = [assigned(*bounds) for bounds in SCRIPTS.values()]
TOPICS = "\n".join(pydoc_data.topics.topics[key] for key in sorted(pydoc_data.topics.topics))
ENGLISH = TOPICS.split()


def word(source: random.Random) -> str:
    """A run of one script."""
    block = source.choice(BLOCKS)
    return "".join(source.choices(block, k=source.randrange(1, 9)))


def piece(source: random.Random, special: list[str]) -> str:
    """A word, a number, space, an emoji, code, control characters or any scalars at all."""
    kind = source.randrange(20)
    if kind < 5:
        return source.choice(ENGLISH)
    if kind < 9:
        return word(source)
    if kind < 11:
        return source.choice(WORDS)
    if kind < 14:
        return source.choice(SPACES)
    if kind == 14:
        return source.choice(EMOJI)
    if kind == 15:
        return source.choice(CODE)
    if kind == 16:
        return str(source.randrange(10 ** source.randrange(1, 12)))
    if kind == 17:
        return "".join(chr(source.randrange(128)) for _ in range(source.randrange(1, 10)))
    if kind == 18 and special:
        return source.choice(special)
    values = (source.randrange(0x110000) for _ in range(source.randrange(1, 4)))
    return "".join(chr(value) for value in values if is_known(chr(value)))


def text(source: random.Random, special: list[str]) -> str:
    """A string of some pieces; a few are long, and some have no spaces between pieces."""
    count = source.randrange(1, 200) if source.random() < 0.02 else source.randrange(0, 16)
    joint = source.choice([" ", " ", "", ""])
    return joint.join(piece(source, special) for _ in range(count))


def corpus(seed: int) -> list[str]:
    """Text for training: Python's manual, and words of all scripts."""
    source = random.Random(seed)
    lines = [line for line in TOPICS.split("\n") if line]
    for _ in range(4000):
        block = source.choice(BLOCKS)
        letters = source.choices(block[:40], k=12)
        lines.append(" ".join(
            "".join(source.choices(letters, k=source.randrange(1, 8))) for _ in range(6)))
    lines += [source.choice(WORDS + CODE + EMOJI) for _ in range(2000)]
    return lines
