"""Office files (DOCX, XLSX, ODT, ODS) without what their programs wrote into them: properties, authors, paths, thumbnails, and words of pictures.

Every part is either known to say nothing, cleaned, or left out together with what refers to it. A part of an unknown kind ends it: the file
is not handed on.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable
from functools import partial

from lxml import etree

from goodstanding.intake.files.cleaning.pictures import clean_picture
from goodstanding.intake.files.cleaning.refusals import CannotClean
from goodstanding.intake.files.office import BROKEN, local

LEFT_OUT = re.compile(
    r"^docProps/|^docMetadata/|^customXml/|^_xmlsignatures/|^meta\.xml$|^settings\.xml$|^layout-cache$|^manifest\.rdf$|^Thumbnails/|^Configurations2/|^META-INF/(document|macro)signatures\.xml$",
    re.IGNORECASE,
)
"""Parts of which no page shows anything."""

EMPTIED = re.compile(r"(^|/)(printerSettings|customProperty)[^/]*\.bin$", re.IGNORECASE)
"""Parts that sheets refer to from within, so that they stay, with nothing in them."""

WITHIN = re.compile(r"(^|/)embeddings/[^/]+$", re.IGNORECASE)
PICTURES = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".emf", ".wmf")
SILENT = re.compile(r"(^|/)mimetype$|\.(odttf|ttf|otf|fntdata)$", re.IGNORECASE)
"""Parts that say nothing about anybody."""

UNTOUCHED = re.compile(r"^xl/(worksheets/sheet\d+|sharedStrings|styles|calcChain)\.xml$")
"""Large parts that name nobody; reading them whole would ask for gigabytes."""

SOMEBODY = "Author"
"""What stands where a name was: what Word itself writes there when it is told to remove names."""

NAMES = frozenset({"author", "userId", "userName", "refreshedBy", "lastModifiedBy"})
BLANKED = frozenset({"initials", "sourceFile", "odcFile"})
DROPPED = frozenset({"date", "dateUtc"})
REMOVED = frozenset({"absPath", "docVars", "mailMerge", "metadata"})
PATHS = re.compile(r"^[A-Za-z]:[\\/]|^\\\\|^file:|^/(home|Users)/")
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""What an archive says of a file's time where it says nothing."""

Inner = Callable[[str, bytes], bytes]


def clean_office(data: bytes, inner: Inner) -> bytes:
    """The Office file. `inner(name, bytes)` cleans a file that is packed into it. Raises CannotClean."""
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive, zipfile.ZipFile(out, "w") as made:
            for one in archive.infolist():
                if not one.is_dir() and not LEFT_OUT.search(one.filename):
                    part = zipfile.ZipInfo(one.filename, FIRST_DAY)
                    # The first part of an ODF file says what it is, and must lie there unpacked.
                    packed = zipfile.ZIP_STORED if one.filename == "mimetype" else zipfile.ZIP_DEFLATED
                    made.writestr(part, _clean_part(one.filename, archive.read(one), inner), packed)
    except (*BROKEN, etree.LxmlError) as error:
        raise CannotClean("an Office file that cannot be written anew") from error
    return out.getvalue()


def _clean_part(name: str, data: bytes, inner: Inner) -> bytes:
    lower = name.lower()
    if SILENT.search(name) or UNTOUCHED.search(name):
        return data
    if EMPTIED.search(name):
        return b""
    if WITHIN.search(name):
        return inner(name, data)
    if lower.endswith(PICTURES):
        return clean_picture(data)
    if lower.endswith((".xml", ".rels", ".vml", ".svg")):
        return _clean_xml(name, data)
    raise CannotClean(f"a part of an unknown kind ({posixpath.splitext(lower)[1][:20]})")


def _clean_xml(name: str, data: bytes) -> bytes:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True, huge_tree=True)
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype:
        raise CannotClean("a part that declares a document type")
    cleans = partial(_clean_references, name) if _refers(name) else _clean_element
    # A list, since elements go while it is walked.
    for one in list(root.iter(etree.Element)):
        cleans(one)
    made: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    return made


def _refers(name: str) -> bool:
    return name.lower().endswith(".rels") or name in ("[Content_Types].xml", "META-INF/manifest.xml")


def _clean_references(name: str, one: etree._Element) -> None:
    """Take out what leads to a part that is left out."""
    told = {local(etree.QName(key).localname): value for key, value in one.attrib.items()}
    target = told.get("PartName") or told.get("full-path") or (told.get("Target", "") if told.get("TargetMode") != "External" else "")
    if target and LEFT_OUT.search(_place(name, target)):
        _remove(one)


def _place(name: str, target: str) -> str:
    """The part that a target stands for: from the root where it begins with a slash, else beside the part whose relations these are."""
    beside = posixpath.dirname(posixpath.dirname(name)) if name.lower().endswith(".rels") else ""
    return posixpath.normpath(posixpath.join("/", beside, target)).lstrip("/")


def _clean_element(one: etree._Element) -> None:
    what = etree.QName(one).localname
    if what in REMOVED:
        # The choice between the element and nothing goes with it.
        _remove(next(iter(one.iterancestors("{*}AlternateContent")), one))
        return
    if what == "author" or (what in ("creator", "initial-creator") and etree.QName(one).namespace == DUBLIN_CORE):
        one.text = SOMEBODY
    for key, value in one.attrib.items():
        attribute = etree.QName(key).localname
        if attribute in NAMES or (what, attribute) == ("person", "displayName"):
            one.set(key, SOMEBODY)
        elif attribute in BLANKED or (what, attribute) == ("connection", "connection") or (attribute in ("descr", "title") and PATHS.search(value)):
            one.set(key, "")
        elif attribute in DROPPED and any(etree.QName(other).localname == "author" for other in one.attrib):
            del one.attrib[key]


def _remove(one: etree._Element) -> None:
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)
