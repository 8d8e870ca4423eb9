"""PDFs without what their programs wrote into them. Saved anew, so that earlier versions of the file, which a PDF may still hold, are gone too."""

import io
import zlib
from typing import Any

import pikepdf

from goodstanding.intake.files.cleaning.pictures import clean_jpeg
from goodstanding.intake.files.cleaning.refusals import CannotClean
from goodstanding.intake.files.pdf import DEEPEST

PRIVATE = ("/Metadata", "/PieceInfo", "/LastModified", "/CreatorInfo", "/SpiderInfo", "/Thumb", "/Perms", "/DSS", "/Params")
"""Keys that say who made a part, with what and when, or keep something that is not on the page (ISO 32000-2, 14.3 to 14.10)."""

NO_AUTHOR = frozenset({"/Widget", "/Link"})
"""Annotations whose /T is no person's name."""

BROKEN = (pikepdf.PdfError, ValueError, KeyError, TypeError, RuntimeError, zlib.error)


def clean_pdf(data: bytes) -> bytes:
    """The PDF. A signature in it is gone, since it vouched for other bytes and names its signer. Raises CannotClean."""
    out = io.BytesIO()
    try:
        with pikepdf.open(io.BytesIO(data)) as document:
            for key in ("/Info", "/ID"):
                if key in document.trailer:
                    del document.trailer[key]
            for one in document.objects:
                _clean(one, 0)
            document.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    except BROKEN as error:
        raise CannotClean("a PDF that cannot be saved anew") from error
    return out.getvalue()


def _clean(one: pikepdf.Object, depth: int) -> None:
    if depth > DEEPEST:
        raise CannotClean("a PDF nested too deeply")
    inner: list[object]
    if isinstance(one, pikepdf.Array):
        inner = list(one)
    elif isinstance(one, (pikepdf.Dictionary, pikepdf.Stream)):
        _clean_dictionary(one)
        inner = [one.get(key) for key in one.keys()]  # noqa: SIM118 - a stream's own iterator is not its keys
    else:
        return
    for value in inner:
        # What is referred to comes by itself.
        if isinstance(value, pikepdf.Object) and not value.is_indirect:
            _clean(value, depth + 1)


def _clean_dictionary(one: pikepdf.Object) -> None:
    for key in PRIVATE:
        if key in one:
            del one[key]
    if "/Subtype" in one and "/Rect" in one and str(one.Subtype) not in NO_AUTHOR:
        for key in ("/T", "/M", "/CreationDate"):
            if key in one:
                del one[key]
    if "/V" in one and isinstance(one.get("/V"), pikepdf.Dictionary) and "/ByteRange" in one.V:
        del one["/V"]
    if isinstance(one, pikepdf.Stream):
        _clean_stream(one)


def _clean_stream(stream: pikepdf.Stream) -> None:
    filters: Any = stream.get("/Filter", [])
    names = [str(filters)] if isinstance(filters, pikepdf.Name) else [str(name) for name in filters]
    if names[-1:] == ["/DCTDecode"]:
        raw = stream.read_raw_bytes()
        if names[:-1] == ["/FlateDecode"]:
            raw = zlib.decompress(raw)
        elif names[:-1]:
            raise CannotClean("a photo packed in an unusual way")
        parameters = stream.get("/DecodeParms")
        last = list(parameters)[-1] if isinstance(parameters, pikepdf.Array) and len(parameters) else parameters
        stream.write(clean_jpeg(raw), filter=pikepdf.Name.DCTDecode, decode_parms=last if isinstance(last, pikepdf.Dictionary) else None)
    elif names[-1:] == ["/JPXDecode"] and any(box in stream.read_raw_bytes() for box in (b"xml ", b"uuid")):
        raise CannotClean("a photo (JPEG 2000) with words beside it")
