"""The mark in the head of the packaged templates, where the company's logo goes."""

from __future__ import annotations

import struct
import zlib

LOGO = "logo"  # its alternative text
SIDE, SLATE, WHITE = 240, 0x4A, 0xFF  # pixels; greys


def logo() -> bytes:
    """A square with the lines of a letter in it, as a PNG picture: quiet enough to stay until the company's own logo takes its place."""
    rows: list[bytes] = []
    for y in range(SIDE):
        line = next((length for top, length in ((72, 96), (108, 132), (144, 132), (180, 60)) if top <= y < top + 12), 0)
        rows.append(bytes([SLATE]) * 54 + bytes([WHITE]) * line + bytes([SLATE]) * (SIDE - 54 - line))
    body = zlib.compress(b"".join(b"\x00" + row for row in rows), 9)
    head = struct.pack(">2L5B", SIDE, SIDE, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b"")))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content)) + kind + content + struct.pack(">L", zlib.crc32(kind + content))
