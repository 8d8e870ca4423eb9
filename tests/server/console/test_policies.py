"""The pages of a policy (requirement K2): what changes between two very different packs can be read in parts."""

import re
from collections.abc import Callable

from django.test import Client

from goodstanding.server.store.models import User
from goodstanding.telling.try_page import SHORT
from tests.server.showcase import Showcase


def test_hundreds_of_changes_are_folded_by_part_with_their_number(show: Showcase, browser_of: Callable[[User], Client]) -> None:
    """K2: on the page of the version and on that of its trial."""
    browser = browser_of(show.manager)
    for path in (f"/console/policy/{show.trial.new_id}/", f"/console/policy/trial/{show.trial.pk}/"):
        text = browser.get(path).content.decode()
        folded = {part: int(number) for part, number in re.findall(r"<details><summary>([^<(]+) \((\d+)\)</summary><ul>", text)}
        assert sum(folded.values()) > SHORT, path
        assert folded["Metrics"] == text.split("<summary>Metrics (")[1].split("</details>")[0].count("<li>")
