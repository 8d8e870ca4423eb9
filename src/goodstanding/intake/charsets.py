"""Bytes of a mail to text, whatever the mail says about them: wrong names, unknown names, none at all."""

import codecs
import re

_ALIASES = {
    "x-gbk": "gb18030",
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "gb_2312-80": "gb18030",
    "cp936": "gb18030",
    "x-x-big5": "big5hkscs",
    "big5": "big5hkscs",
    "cp950": "big5hkscs",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "iso-8859-8-i": "iso-8859-8",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "x-unknown": "",
    "unknown-8bit": "",
    "unknown": "",
    "default": "",
    "utf8": "utf-8",
    "utf8mb4": "utf-8",
    "hz-gb-2312": "hz",
}
"""What mails call a charset -> the widest codec that holds it. GB 2312 is written where GBK or GB 18030 is meant."""

_TEXT_CODECS = frozenset(
    {"hex", "rot13", "base64", "bz2", "zlib", "uu", "quopri", "idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"}
)
_COMMON = frozenset(
    "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能对小多然于心学之都好看起发当没成只如事把还用第样道想作种开"
    "這個們來時為說國著對樣見經後與發開長問間點關過還種現實學會沒進"
    "您帐账户帳戶号號商品订订單亚亞馬马逊遜请請申诉訴邮郵件贵貴司先生谢謝主题題回复覆发發送收到日期"
    "はのにをがとでしたいますするてれこそ"
    "이다는을를에의가하고"
)
_GUESSES = ("gb18030", "big5hkscs", "cp932", "cp949")
_SAMPLE = 20_000
_ESCAPES = re.compile(rb"\x1b[$(][@-JB]")


def decode(content: bytes, declared: str = "") -> tuple[str, str]:
    """The text of these bytes, and what was wrong with the declared charset (empty where nothing was). Never raises."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and len(content) % 2 == 0:
        return content.decode("utf-16", "replace"), ""
    codec = _codec(declared)
    if not content.isascii() and codec != "utf-8":
        text = _strictly(content, "utf-8-sig")
        if text is not None:
            return text, f"the text says {declared} but is UTF-8" if declared and codec != "cp1252" else ""
    if codec:
        text = _strictly(content, "utf-8-sig" if codec == "utf-8" else codec)
        if text is not None and not (codec == "cp1252" and _is_probably_cjk(content)):
            return text, ""
    guessed, name = _guess(content)
    trouble = f"the text says {declared or 'nothing about its charset'} and was read as {name}" if not content.isascii() else ""
    return guessed, trouble


def _codec(declared: str) -> str:
    name = declared.strip().strip("\"'").lower()
    name = _ALIASES.get(name, name)
    try:
        found = codecs.lookup(name).name if name and name.isascii() and "\0" not in name else ""
    except (LookupError, ValueError):
        return ""
    return "" if found.replace("-", "_") in _TEXT_CODECS else found


def _strictly(content: bytes, codec: str) -> str | None:
    try:
        return content.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _is_probably_cjk(content: bytes) -> bool:
    """Whether bytes said to be Western are Chinese, Japanese or Korean: nearly all high bytes stand in pairs that make common characters."""
    high = sum(byte >= 0x80 for byte in content[:_SAMPLE])
    return high >= 8 and _score(_guess(content)[0]) > 0.2


def _guess(content: bytes) -> tuple[str, str]:
    """The most likely text: the East Asian codec whose characters are the most common ones, else Western."""
    if _ESCAPES.search(content[:_SAMPLE]):
        text = _strictly(content, "iso2022_jp_2")
        if text is not None:
            return text, "iso-2022-jp"
    scored = [(_score(text), -rank, text, codec) for rank, codec in enumerate(_GUESSES) if (text := _leniently(content, codec)) is not None]
    best = max(scored, default=(0.0, 0, "", ""))
    if best[0] > 0.1:
        return best[2], best[3]
    return content.decode("utf-8", "replace") if _is_mostly_utf8(content) else content.decode("cp1252", "replace"), "utf-8 or cp1252"


def _leniently(content: bytes, codec: str) -> str | None:
    text = content.decode(codec, "replace")
    return text if text.count("\ufffd") <= 0.02 * len(text) else None


def _is_mostly_utf8(content: bytes) -> bool:
    return content.decode("utf-8", "replace").count("\ufffd") <= 0.3 * sum(byte >= 0xC0 for byte in content)


def _score(text: str) -> float:
    foreign = [char for char in text[:_SAMPLE] if char > "\x7f"]
    return sum(char in _COMMON for char in foreign) / len(foreign) if foreign else 0.0
