"""Read what is needed of SentencePiece's model file, a protobuf message."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    piece: str
    score: float
    type: int


@dataclass(frozen=True)
class Model:
    pieces: list[Piece]
    character_map: bytes


def varint(data: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, place


def fields(data: bytes) -> Iterator[tuple[int, bytes | int | float]]:
    """Field numbers and values of a message."""
    place = 0
    while place < len(data):
        key, place = varint(data, place)
        kind = key & 7
        if kind == 0:
            value, place = varint(data, place)
            yield key >> 3, value
        elif kind == 2:
            length, place = varint(data, place)
            yield key >> 3, data[place : place + length]
            place += length
        else:
            size, form = (4, "<f") if kind == 5 else (8, "<d")
            yield key >> 3, struct.unpack_from(form, data, place)[0]
            place += size


def read(data: bytes) -> Model:
    """Pieces (field 1: text, score, type) and the normaliser's table (field 3, 2)."""
    pieces = []
    character_map = b""
    for number, value in fields(data):
        if number == 1:
            part = {1: b"", 2: 0.0, 3: 1, **dict(fields(value))}
            pieces.append(Piece(part[1].decode(), part[2], part[3]))
        elif number == 3:
            character_map = dict(fields(value)).get(2, b"")
    return Model(pieces, character_map)
