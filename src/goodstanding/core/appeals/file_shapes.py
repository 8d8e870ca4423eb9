"""Whether bytes that begin like a picture or a PDF also go on like one: a walk over the blocks, unpacking nothing."""


def is_pdf(data: bytes) -> bool:
    """An end mark where one belongs."""
    return b"%%EOF" in data[-2048:]


def is_png(data: bytes) -> bool:
    """Chunks one after the other, from IHDR to IEND."""
    at, first = 8, True
    while at + 12 <= len(data):
        length, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if first and kind != b"IHDR":
            return False
        if kind == b"IEND":
            return True
        at, first = at + 12 + length, False
    return False


def is_jpeg(data: bytes) -> bool:
    """Segments up to the start of the picture, and an end mark after it."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xDA:
            return b"\xff\xd9" in data[at:]
        at += 1 if marker == 0xFF else 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return False


def is_gif(data: bytes) -> bool:
    """Blocks from the screen descriptor to the trailer, with at least one picture."""
    if data[:6] not in (b"GIF87a", b"GIF89a") or len(data) < 14:
        return False
    at, pictures = 13 + _colours(data[10]), 0
    while at < len(data):
        match data[at]:
            case 0x3B:
                return pictures > 0
            case 0x21:
                at = _after_blocks(data, at + 2)
            case 0x2C if at + 10 < len(data):
                pictures += 1
                at = _after_blocks(data, at + 11 + _colours(data[at + 9]))
            case _:
                return False
    return False


def _colours(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while at < len(data) and data[at]:
        at += data[at] + 1
    return at + 1


def is_webp(data: bytes) -> bool:
    """A container as long as it says."""
    return data[8:12] == b"WEBP" and int.from_bytes(data[4:8], "little") + 8 <= len(data)


def is_heic(data: bytes) -> bool:
    """Boxes one after the other to the end, one of which describes the picture."""
    at, kinds = 0, set()
    while at + 8 <= len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        size = int.from_bytes(data[at + 8 : at + 16], "big") if size == 1 else size or len(data) - at
        if size < 8:
            return False
        kinds.add(kind)
        at += size
    return at == len(data) and b"meta" in kinds
