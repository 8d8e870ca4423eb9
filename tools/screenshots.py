"""Write docs/screenshots/*.png: every page, from a small made-up marketplace in a database of its own.

    python tools/screenshots.py [FOLDER]

Needs Chromium (`CHROMIUM` or on the path) and the development dependencies.
"""

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
    from playwright.sync_api import Browser

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


def prepare(folder: Path) -> None:
    """Set up Django on a fresh database in a folder."""
    import django
    from django.core.management import call_command

    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "goodstanding.server.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
        "GOODSTANDING_VAR": str(folder),
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

    from tests.server.entering import let_in

    client = Client()
    if visit.as_staff:
        client.force_login(getattr(show, visit.as_staff))
    elif visit.as_holder_of:
        let_in(client, show.cases[visit.as_holder_of])
    return client.cookies["sessionid"].value if "sessionid" in client.cookies else ""


def shoot(browser: "Browser", base: str, visit: "Visit", *, session: str, language: str, width: int, file: Path) -> None:
    """One picture of one page, from its top to its end."""
    context = browser.new_context(base_url=base, viewport={"width": width, "height": 844 if width < 600 else 900})
    cookies = {"django_language": language} | ({"sessionid": session} if session else {})
    context.add_cookies([{"name": name, "value": value, "url": base} for name, value in cookies.items()])
    page = context.new_page()
    page.goto(visit.path)
    page.screenshot(path=str(file), full_page=True)
    context.close()


def main(arguments: list[str]) -> int:
    """Make all pictures; 2 where there is no Chromium."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
    if not chromium:
        print("no Chromium: install Debian's `chromium` or set CHROMIUM to its path", file=sys.stderr)
        return 2
    target = Path(arguments[0]) if arguments else ROOT / "docs" / "screenshots"
    target.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as folder:
        prepare(Path(folder))
        _shoot_all(chromium, target)
    return 0


def _shoot_all(chromium: str, target: Path) -> None:
    from django.utils import timezone
    from playwright.sync_api import sync_playwright

    from goodstanding.server.policy import current_pack
    from tests.server.showcase import build_showcase
    from tests.server.visits import visits

    show = build_showcase(current_pack(), timezone.now())
    pages = {visit.name: visit for visit in visits(show)}
    with serve() as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, language, width in SHOTS:
            file = target / f"{name}-{language}-{width}.png"
            shoot(browser, base, pages[name], session=session_of(show, pages[name]), language=language, width=width, file=file)
        put_together(browser, target / "case-in-force-en-390.png", target / "console-review-en-1280.png", target / "together.png")
        browser.close()


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
