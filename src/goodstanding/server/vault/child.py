"""The process that looks into one file: it knows no database, no secret and no network address, may write nothing and is stopped when it asks for too much.

Reads a line of JSON (`ask`, `type`, for a look `limits`, for a page `page`) and the file's bytes from stdin; writes a line of JSON and, for a
page or a cleaned copy, its bytes to stdout. Whatever else happens, a crash included, its parent takes for a file that cannot be looked at.
"""

import json
import sys
from dataclasses import asdict

MEMORY = 1024 * 2**20
"""Bytes of address space: a picture of the most pixels, unpacked three times, and the libraries."""

SECONDS = 20
"""Seconds of computing, after which the system ends the process."""


def bind() -> None:
    """Give up what is not needed, before a byte of the file is read. Where the system knows no such limits (Windows), the parent's clock is all there is."""
    try:
        import resource
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def answer(question: dict[str, object], data: bytes) -> tuple[dict[str, object], bytes]:
    """What is asked about a file, and the picture or the cleaned copy where one was asked for."""
    from goodstanding.core.appeals.evidence import KINDS, FileLimits
    from goodstanding.intake.files.cleaning.cleaning import clean
    from goodstanding.intake.files.looking import look
    from goodstanding.intake.files.previews import page, preview

    kind = next(one for one in KINDS if one.content_type == question["type"])
    match question["ask"]:
        case "look":
            found = look(kind, data, FileLimits(**question["limits"]))  # type: ignore[arg-type]
            return ({"trouble": found.trouble, "says": found.says} if found else {}), b""
        case "page":
            content_type, picture = page(kind, data, int(str(question["page"])))
            return {"type": content_type}, picture
        case "clean":
            return {}, clean(kind, data)
        case _:
            return asdict(preview(kind, data)), b""


def main() -> None:
    """Answer one question."""
    bind()
    question = json.loads(sys.stdin.buffer.readline())
    said, picture = answer(question, sys.stdin.buffer.read())
    sys.stdout.buffer.write(json.dumps(said).encode() + b"\n" + picture)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
