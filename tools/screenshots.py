"""Pictures of every page, in every language, on a phone and a desk, from a small made-up marketplace in a database of its own.

    python tools/screenshots.py [FOLDER] [--only NAME ...] [--languages en,zh-hans] [--widths 390,1280]
    python tools/screenshots.py --docs          the few that the docs show, into docs/screenshots

FOLDER (default var/screenshots) gets NAME-LANGUAGE-WIDTH.png, and contact sheets `sheet-LANGUAGE-WIDTH-N.png` to look at many at once.
Which pages there are, tests/server/visits.py says; a test holds it to the addresses of the site. Needs Chromium (`CHROMIUM` or on the
path) and the development dependencies.
"""

import argparse
import base64
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext

    from tests.server.showcase import Showcase
    from tests.server.visits import Visit

ROOT = Path(__file__).resolve().parent.parent
SHOTS = (
    ("start", "en", 1280),
    ("case-in-force", "en", 1280),
    ("case-in-force", "en", 390),
    ("case-information-asked", "zh-hant", 390),
    ("appeal-choose", "zh-hans", 390),
    ("appeal-plan", "en", 1280),
    ("account", "en", 1280),
    ("account", "zh-hans", 390),
    ("console-queue", "en", 1280),
    ("console-review", "en", 1280),
    ("console-relation", "zh-hans", 1280),
)
"""What the docs show: page, language, width. Names are those of tests/server/visits.py."""

LANGUAGES = ("en", "zh-hans", "zh-hant")
WIDTHS = (390, 1280)
ACROSS = 8
"""Pictures in one row of a contact sheet; a sheet has two rows."""


def prepare(folder: Path) -> None:
    """Set up Django on a fresh database in a folder."""
    import django
    from django.core.management import call_command

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "goodstanding.server.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "GOODSTANDING_LOG_LEVEL": "CRITICAL",
        "GOODSTANDING_VAR": str(folder),
        "GOODSTANDING_SECOND_FACTOR": "off",
        "GOODSTANDING_DATABASE": f"sqlite:///{folder / 'screenshots.sqlite3'}",
    }
    django.setup()
    call_command("migrate", verbosity=0)


@contextmanager
def serve() -> Iterator[str]:
    """A server in a thread; gives its address."""
    from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
    from django.core.wsgi import get_wsgi_application

    class Quiet(WSGIRequestHandler):
        """Says nothing of each request."""

        def log_message(self, format: str, *args: object) -> None:
            """Nothing."""

    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def session_of(show: "Showcase", visit: "Visit") -> str:
    """The session of who opens a page; empty for anybody."""
    from django.test import Client

    from tests.server.acting import browser_of
    from tests.server.entering import let_in
    from tests.server.visits import acting_for

    client = Client()
    if visit.as_staff:
        client.force_login(getattr(show, visit.as_staff))
    elif visit.as_holder_of:
        let_in(client, show.cases[visit.as_holder_of])
    elif visit.as_delegate:
        client = browser_of(acting_for(show.cases["in_force"].account))
    return client.cookies["sessionid"].value if "sessionid" in client.cookies else ""


def open_window(browser: "Browser", base: str, *, session: str, language: str, width: int) -> "BrowserContext":
    """A browser window of a width in a language, in which somebody is already in."""
    context = browser.new_context(base_url=base, viewport={"width": width, "height": 844 if width < 600 else 900})
    cookies = {"django_language": language} | ({"sessionid": session} if session else {})
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    return context


def shoot(context: "BrowserContext", visit: "Visit", file: Path) -> None:
    """One picture of one page, from its top to its end."""
    from tests.server.visiting import open_visit

    page = context.new_page()
    open_visit(page, visit)
    page.screenshot(path=str(file), full_page=True)
    page.close()


def read_arguments(arguments: list[str]) -> argparse.Namespace:
    """What is asked for. Exits with 2 on a word that is not known."""
    parser = argparse.ArgumentParser(description="Pictures of every page.")
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--docs", action="store_true", help="only what the docs show, into docs/screenshots")
    parser.add_argument("--only", nargs="+", default=[], metavar="NAME", help="pages whose name begins so")
    parser.add_argument("--languages", default=",".join(LANGUAGES))
    parser.add_argument("--widths", default=",".join(map(str, WIDTHS)))
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Make all pictures; 2 where there is no Chromium."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("no Chromium: install Debian's `chromium` or set CHROMIUM to its path", file=sys.stderr)
        return 2
    asked = read_arguments(arguments)
    target = asked.folder or (ROOT / "docs" / "screenshots" if asked.docs else ROOT / "var" / "screenshots")
    target.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        _shoot_all(chromium, target, asked)
    return 0


def _shoot_all(chromium: str, target: Path, asked: argparse.Namespace) -> None:
    from django.utils import timezone
    from playwright.sync_api import sync_playwright

    from goodstanding.server.policy import current_pack
    from goodstanding.server.store.models import Draft
    from tests.server.showcase import build_showcase
    from tests.server.visits import visits

    show = build_showcase(current_pack(), timezone.now())
    pages = {visit.name: visit for visit in visits(show)}
    names = [name for name in pages if not asked.only or name.startswith(tuple(asked.only))]
    every = [(name, language, int(width)) for language in asked.languages.split(",") for width in asked.widths.split(",") for name in names]
    sessions: dict[tuple[str, str, bool], str] = {}
    with serve() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, language, width in SHOTS if asked.docs else every:
            visit, who = pages[name], pages[name].who
            if who not in sessions:
                sessions[who] = session_of(show, visit)
            # What is typed and pressed leaves its mark on a session (a password said again) and on the case (a draft): the next page starts afresh.
            session = session_of(show, visit) if visit.press else sessions[who]
            context = open_window(browser, base, session=session, language=language, width=width)
            shoot(context, visit, target / f"{name}-{language}-{width}.png")
            context.close()
            if visit.press:
                Draft.objects.all().delete()
        if asked.docs:
            put_together(browser, target / "case-in-force-en-390.png", target / "console-review-en-1280.png", target / "together.png")
        else:
            _make_sheets(browser, target, every)
        browser.close()


def _make_sheets(browser: "Browser", target: Path, shots: list[tuple[str, str, int]]) -> None:
    """Contact sheets, so that every picture can be looked at in a few minutes."""
    for language, width in dict.fromkeys((language, width) for _, language, width in shots):
        mine = [f"{name}-{language}-{width}" for name, *where in shots if where == [language, width]]
        for number, at in enumerate(range(0, len(mine), 2 * ACROSS), 1):
            contact_sheet(browser, target, mine[at : at + 2 * ACROSS], target / f"sheet-{language}-{width}-{number}.png")


def contact_sheet(browser: "Browser", folder: Path, names: list[str], file: Path) -> None:
    """Pictures in rows under their names, each cut after some 1600 points."""
    figures = "".join(
        f"<figure><figcaption>{name}</figcaption><img src='data:image/png;base64,{base64.b64encode((folder / f'{name}.png').read_bytes()).decode()}'></figure>"
        for name in names
    )
    style = f"body{{margin:8px;display:grid;grid-template-columns:repeat({ACROSS},1fr);gap:8px;background:#888;font:11px sans-serif}}"
    style += "figure{margin:0;overflow:hidden;max-height:800px;background:#fff}img{width:100%;display:block}figcaption{padding:2px;overflow:hidden}"
    page = browser.new_page(viewport={"width": 1720, "height": 900})
    page.set_content(f"<style>{style}</style>{figures}")
    page.screenshot(path=str(file), full_page=True)
    page.close()


def put_together(browser: "Browser", phone: Path, desk: Path, file: Path) -> None:
    """The tops of two pictures side by side: what the holder sees, what the specialist sees."""
    images = [base64.b64encode(picture.read_bytes()).decode() for picture in (phone, desk)]
    page = browser.new_page(viewport={"width": 1400, "height": 860}, device_scale_factor=1)
    page.set_content(
        "<body style='margin:0;padding:30px;display:flex;gap:30px;background:#dfe5e1'>"
        + "".join(
            f"<div style='width:{width}px;height:800px;overflow:hidden;border-radius:14px;box-shadow:0 8px 30px #0003'>"
            f"<img style='width:100%' src='data:image/png;base64,{image}'></div>"
            for image, width in zip(images, (370, 940), strict=True)
        )
    )
    page.screenshot(path=str(file))
    page.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
