"""Pictures: whether they are whole and of a size that can be looked at, what their camera wrote, and the same picture without it."""

import io
import struct
from collections.abc import Iterator
from datetime import datetime

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from goodstanding.core.appeals.evidence import GIF, HEIC, JPEG, PNG, WEBP, FileKind, FileLimits, Unfit, damaged
from goodstanding.core.file_terms import FileTrouble

FORMATS = {PNG: "PNG", JPEG: "JPEG", GIF: "GIF", WEBP: "WEBP", HEIC: "HEIF"}

BROKEN = (
    UnidentifiedImageError,
    OSError,
    SyntaxError,
    ValueError,
    struct.error,
    IndexError,
    KeyError,
    TypeError,
    EOFError,
    Image.DecompressionBombError,
)
"""What Pillow raises for bytes that are no whole picture."""

LONGEST_SIDE = 1600
"""Pixels of the longer side of what reviewers look at."""

# The size is asked for before anything is unpacked, by our own limit.
Image.MAX_IMAGE_PIXELS = None


def look(kind: FileKind, data: bytes, limits: FileLimits) -> Unfit | None:
    """Why a picture cannot be taken: it has too many pixels, or does not unpack to its end. Of a moving one the first frame counts."""
    if not can_open(kind):
        return None
    try:
        with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as picture:
            wide, high = picture.size
            if wide * high > limits.pixels:
                return Unfit(FileTrouble.TOO_MANY_PIXELS, f"has {wide} x {high} pixels; at most {limits.pixels / 1e6:.0f} million are taken")
            picture.load()
    except BROKEN:
        return damaged(kind)
    return None


def can_open(kind: FileKind) -> bool:
    """Whether pictures of a kind can be unpacked here: HEIC only with the extra `heic`."""
    if kind is not HEIC:
        return True
    try:
        from pillow_heif import register_heif_opener
    except ImportError:
        return False
    register_heif_opener()
    return True


def shown(kind: FileKind, data: bytes) -> tuple[str, bytes]:
    """The picture itself, turned as the camera held it, written anew: nothing but pixels goes over. Gives its type and bytes."""
    with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as picture:
        if picture.format == "JPEG":
            picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        has_holes = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
        bare = upright.convert("RGBA" if has_holes else "RGB")
        bare.info.clear()
        out = io.BytesIO()
        bare.save(out, "PNG" if has_holes else "JPEG", **({} if has_holes else {"quality": 85}))
    return ("image/png" if has_holes else "image/jpeg"), out.getvalue()


def told(kind: FileKind, data: bytes) -> Iterator[tuple[str, str]]:
    """What a picture says of itself, (fact, value): its size, and of EXIF who, when, where and with what it was made."""
    with Image.open(io.BytesIO(data), formats=[FORMATS[kind]]) as picture:
        yield "pixels", f"{picture.size[0]} × {picture.size[1]}"
        exif = picture.getexif()
        taken = exif.get_ifd(ExifTags.IFD.Exif)
        camera = " ".join(_plain(exif.get(tag, "")) for tag in (ExifTags.Base.Make, ExifTags.Base.Model)).strip()
        yield "camera", camera
        yield "taken", _moment(taken.get(ExifTags.Base.DateTimeOriginal, ""))
        yield "changed", _moment(exif.get(ExifTags.Base.DateTime, ""))
        yield "software", _plain(exif.get(ExifTags.Base.Software, ""))
        yield "author", _plain(exif.get(ExifTags.Base.Artist, ""))
        yield "place", _place(exif.get_ifd(ExifTags.IFD.GPSInfo))


def _plain(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return "".join(sign for sign in text if sign.isprintable()).strip()[:200]


def _moment(value: object) -> str:
    """EXIF writes `2026:11:22 09:30:00`, without a zone. Whatever else stands there is given as it is."""
    text = _plain(value)
    try:
        return datetime.strptime(text, "%Y:%m:%d %H:%M:%S").strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - the camera names no zone
    except ValueError:
        return text


def _place(gps: dict[int, object]) -> str:
    """Latitude and longitude in degrees, north and east positive; empty where the camera named none or wrote nonsense."""
    try:
        latitude = _degrees(gps[ExifTags.GPS.GPSLatitude], gps.get(ExifTags.GPS.GPSLatitudeRef, "N") == "S")
        longitude = _degrees(gps[ExifTags.GPS.GPSLongitude], gps.get(ExifTags.GPS.GPSLongitudeRef, "E") == "W")
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return ""
    return f"{latitude:.5f}, {longitude:.5f}"


def _degrees(parts: object, is_negative: bool) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)  # type: ignore[attr-defined]
    value = degrees + minutes / 60 + seconds / 3600
    return -value if is_negative else value
