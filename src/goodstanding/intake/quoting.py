"""Telling what somebody wrote from what their mail program repeated under it."""

import re

_ATTRIBUTIONS = re.compile(
    r"^\s*(?:"
    r"on\s.{4,200}\s(?:wrote|schrieb|a écrit)\s*[:：]|am\s.{4,200}\sschrieb\b.{0,80}[:：]|le\s.{4,200}\sa écrit\s*[:：]|el\s.{4,200}\sescribió\s*[:：]|il\s.{4,200}\sha scritto\s*[:：]"
    r"|op\s.{4,200}\sschreef\b.{0,80}[:：]|em\s.{4,200}\sescreveu\s*[:：]|[在于於]?.{4,200}(?:写道|寫道|写到|書きました|のメール|님이 작성)\s*[:：]"
    r")\s*$",
    re.IGNORECASE,
)
_MAY_BREAK = re.compile(r"^\s*(?:(?:on|am|le|el|il|op|em)\s|[在于於])", re.IGNORECASE)
_RULES = re.compile(
    r"^\s*(?:[-_*=]{3,}\s*(?:original (?:message|appointment)|forwarded (?:message|by).*|forwarded message follows|ursprüngliche nachricht|message d'origine|message transféré"
    r"|mensaje original|原始邮件|原始郵件|邮件原件|原邮件|转发邮件|转发的邮件|轉寄郵件|轉寄的郵件|转发邮件信息|回复的原邮件|回复的原文|元のメッセージ|원본 메시지).{0,40}"
    r"|begin forwarded message\s*[:：]|anfang der weitergeleiteten (?:nachricht|e-mail)\s*[:：]|début du message (?:réexpédié|transféré)\s*[:：]|_{20,})\s*$",
    re.IGNORECASE,
)
_FIELDS = re.compile(
    r"^\s*[>*\s]*\*?(?:from|sent|date|to|cc|subject|reply-to|von|gesendet|an|betreff|datum|de|envoyé|à|objet|enviado|para|asunto|da|inviato|oggetto"
    r"|发件人|发送时间|发送日期|时间|日期|收件人|抄送|主题|寄件者|寄件人|寄件日期|收件者|副本|主旨|差出人|宛先|件名|送信日時|보낸 사람|받는 사람|제목)\*?\s*[:：]",
    re.IGNORECASE,
)
_SUBJECT_MARKS = re.compile(
    r"^\s*(?:(?:re|fw|fwd|aw|wg|sv|vs|antw|rv|tr|ref|回复|答复|回覆|回信|转发|轉寄|转寄|自动回复|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+",
    re.IGNORECASE,
)

_SENT_FROM = re.compile(
    r"^\s*(?:sent from my .{2,40}|get outlook for .{2,40}|发自我的.{0,30}|從我的.{1,30}傳送|從我的.{1,30}寄出|发送自.{1,30})\s*$", re.IGNORECASE
)

MOST_SIGNATURE_LINES = 12
"""A longer text below the sign of a signature is none: somebody drew a line."""

MOST_LINES = 20_000
"""Lines of one mail that are looked at; the rest counts as quoted."""


def split_quoted(text: str) -> tuple[str, str]:
    """What the sender wrote and what was quoted or forwarded, each as text."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    own: list[str] = []
    quoted: list[str] = []
    at = 0
    while at < min(len(lines), MOST_LINES):
        if lines[at].lstrip().startswith(">"):
            quoted.append(lines[at].lstrip("> \t"))
            at += 1
        elif (skipped := _begins_quote(lines, at)) is not None:
            at += skipped
            if not _answered_below(lines, at):
                quoted += lines[at:]
                return _trimmed(own), _trimmed([line.lstrip("> \t") for line in quoted])
        else:
            own.append(lines[at])
            at += 1
    return _trimmed(own), _trimmed(quoted + lines[at:])


def split_signature(text: str) -> tuple[str, str]:
    """What somebody wrote and the signature below it, which begins at a line `-- ` (RFC 3676, 4.3) or is a telephone's own last line."""
    lines = text.split("\n")
    for at in range(len(lines) - 1, max(-1, len(lines) - 2 - MOST_SIGNATURE_LINES), -1):
        if lines[at].rstrip() == "--" or _SENT_FROM.match(lines[at]):
            return _trimmed(lines[:at]), _trimmed(lines[at:])
    return text, ""


def thread_subject(subject: str) -> str:
    """A subject without the marks of replies and forwards in any language; equal within one thread."""
    return " ".join(_SUBJECT_MARKS.sub("", subject).split())


def _begins_quote(lines: list[str], at: int) -> int | None:
    """How many lines announce the quote that begins here; None where none does. Mail programs break the announcing line."""
    if not lines[at].strip():
        return None
    if len(lines[at]) < 400 and _RULES.match(lines[at]):
        return 1
    for count in (1, 2, 3) if _MAY_BREAK.match(lines[at]) else (1,):
        joined = " ".join(line.strip() for line in lines[at : at + count])
        if len(joined) < 400 and _ATTRIBUTIONS.match(joined):
            return count
    fields = 0
    while at + fields < len(lines) and fields < 8 and len(lines[at + fields]) < 1000 and _FIELDS.match(lines[at + fields]):
        fields += 1
    return 0 if fields >= 3 else None


def _answered_below(lines: list[str], at: int) -> bool:
    """Whether the quote is marked line by line, so that what stands below it is an answer."""
    following = next((line for line in lines[at : at + 4] if line.strip()), "")
    return following.lstrip().startswith(">")


def _trimmed(lines: list[str]) -> str:
    return "\n".join(line.rstrip() for line in lines).strip("\n")
