"""Extract the committed English texts from the Debian package r-cran-janeaustenr.

    apt-get download r-cran-janeaustenr && dpkg -x r-cran-janeaustenr_*.deb novels
    python benchmarks/chat/texts.py novels

Both come from *Northanger Abbey* by Jane Austen, who died in 1817: its text is in the public
domain. Chapters 1 to 4 become benchmarks/chat/text.txt, on which perplexity is measured; chapters
5 to 16 become examples/box-model/prose.txt, on which the model in the box is trained. Lines of a
paragraph are joined, since the breaks are the printer's. The package keeps R objects: an index of
offsets and a file of compressed character vectors, of which this reads just as much as it needs.
"""

from __future__ import annotations

import gzip
import re
import struct
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TITLE = b"NORTHANGER ABBEY"
PAIR_OF_INTEGERS = b"\x00\x00\x00\x0d\x00\x00\x00\x02"  # R's serialised header of c(offset, length)
STRINGS = b"\x00\x00\x00\x10"  # R's type number of a character vector


def novel(data: Path) -> str:
    """The novel whose first line is `TITLE`, of those in Rdata.rdb."""
    index = gzip.decompress((data / "Rdata.rdx").read_bytes())
    content = (data / "Rdata.rdb").read_bytes()
    for match in re.finditer(re.escape(PAIR_OF_INTEGERS) + b"(.{8})", index, re.DOTALL):
        offset, length = struct.unpack(">ii", match[1])
        lines = character_vector(zlib.decompress(content[offset + 4 : offset + length]))
        if lines[0] == TITLE:
            return b"\n".join(lines).decode()
    raise SystemExit(f"{data} does not hold {TITLE.decode()}")


def character_vector(raw: bytes) -> list[bytes]:
    """The strings of the first character vector in a serialised R object."""
    place = raw.index(STRINGS) + 4
    (count,) = struct.unpack_from(">i", raw, place)
    place += 4
    strings = []
    for _ in range(count):
        _, length = struct.unpack_from(">ii", raw, place)
        place += 8
        strings.append(raw[place : place + max(0, length)])
        place += max(0, length)
    return strings


def paragraphs(text: str) -> str:
    """The text with the lines of each paragraph joined, and one line per paragraph."""
    joined = (" ".join(block.split()) for block in re.split(r"\n\s*\n", text))
    return "\n".join(block for block in joined if block) + "\n"


def main() -> None:
    data = Path(sys.argv[1]) / "usr/lib/R/site-library/janeaustenr/data"
    chapters = re.split(r"\n+CHAPTER \d+\n+", novel(data))[1:]
    texts = {
        "benchmarks/chat/text.txt": chapters[0:4],
        "examples/box-model/prose.txt": chapters[4:16],
    }
    for path, chosen in texts.items():
        text = paragraphs("\n\n".join(chosen))
        (ROOT / path).write_text(text)
        print(f"{path}: {len(text.split())} words")


if __name__ == "__main__":
    main()
