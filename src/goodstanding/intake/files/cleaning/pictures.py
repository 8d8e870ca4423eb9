"""Pictures within other files: the same pixels without what camera and program wrote beside them."""

import io
import struct
from collections.abc import Iterator

from PIL import Image

from goodstanding.intake.files.cleaning.refusals import CannotClean
from goodstanding.intake.files.pictures import BROKEN

JPEG_START, PNG_START = b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"
ALONE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers of a JPEG without a length: TEM, RST0 to RST7."""

SCAN, END, APP0, ICC, ADOBE, COMMENT = 0xDA, 0xD9, 0xE0, 0xE2, 0xEE, 0xFE
PNG_KEPT = frozenset(
    {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"pHYs", b"acTL", b"fcTL", b"fdAT"}
)
"""Chunks that say how pixels look. Texts, EXIF and the time are none of them."""

FORMATS = {b"GIF8": "GIF", b"RIFF": "WEBP", b"BM": "BMP", b"II*\0": "TIFF", b"MM\0*": "TIFF"}
DRAWINGS = ((0, b"\xd7\xcd\xc6\x9a"), (0, b"\x01\x00\x09\x00\x00\x03"), (40, b" EMF"))
"""Where and how metafiles of Windows begin: lists of strokes, which hold no camera's words."""


def clean_picture(data: bytes) -> bytes:
    """A picture without its words. Raises CannotClean for one of an unknown kind, or that is broken."""
    if data.startswith(JPEG_START):
        return clean_jpeg(data)
    if data.startswith(PNG_START):
        return b"".join((PNG_START, *_png_chunks(data)))
    if any(data[at : at + len(mark)] == mark for at, mark in DRAWINGS):
        return data
    form = next((form for start, form in FORMATS.items() if data.startswith(start)), None)
    if form is None:
        raise CannotClean("a picture of an unknown kind")
    return _drawn_anew(data, form)


def clean_jpeg(data: bytes) -> bytes:
    """A JPEG without EXIF, XMP, IPTC, comments and whatever lies behind its end, pixels untouched. Raises CannotClean where its parts do not add up."""
    return b"".join((b"\xff\xd8", *_jpeg_parts(data)))


def _jpeg_parts(data: bytes) -> Iterator[bytes]:
    at = 2
    while at + 1 < len(data):
        if data[at] != 0xFF:
            raise CannotClean("a JPEG whose parts do not add up")
        marker = data[at + 1]
        if marker == END:
            yield b"\xff\xd9"
            return
        if marker == 0xFF or marker in ALONE:
            at += 1 if marker == 0xFF else 2
            continue
        after = at + 2 + _length(data, at + 2)
        if _is_kept(marker, data[at + 4 : after]):
            yield data[at:after]
        at = after
        if marker == SCAN:
            end = _end_of_scan(data, at)
            yield data[at:end]
            at = end
    raise CannotClean("a JPEG without an end")


def _length(data: bytes, at: int) -> int:
    if at + 2 > len(data) or (length := int.from_bytes(data[at : at + 2], "big")) < 2 or at + length > len(data):
        raise CannotClean("a JPEG whose parts do not add up")
    return length


def _is_kept(marker: int, content: bytes) -> bool:
    """Of what programs write beside the pixels: the colours' meaning, and nothing else."""
    if APP0 <= marker <= 0xEF or marker == COMMENT:
        begins = {APP0: b"JFIF\0", ICC: b"ICC_PROFILE\0", ADOBE: b"Adobe"}.get(marker)
        return begins is not None and content.startswith(begins)
    return True


def _end_of_scan(data: bytes, at: int) -> int:
    """Where the next marker is: within a scan 0xFF is followed by 0, or by a restart."""
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        if data[at + 1] != 0 and data[at + 1] not in ALONE:
            return at
        at += 2
    raise CannotClean("a JPEG without an end")


def _png_chunks(data: bytes) -> Iterator[bytes]:
    at = len(PNG_START)
    while at + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        after = at + 12 + length
        if after > len(data):
            break
        if kind in PNG_KEPT:
            yield data[at:after]
        if kind == b"IEND":
            return
        at = after
    raise CannotClean("a PNG without an end")


def _drawn_anew(data: bytes, form: str) -> bytes:
    out = io.BytesIO()
    try:
        with Image.open(io.BytesIO(data), formats=[form]) as picture:
            bare = picture.copy()
            bare.info.clear()
            bare.save(out, form)
    except BROKEN as error:
        raise CannotClean(f"a {form} that cannot be drawn") from error
    return out.getvalue()
