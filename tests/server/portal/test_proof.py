"""Proof attached to the point it proves, and what happens next, from the last step to the receipt and the reviewer's page (F5, G2, H5)."""

import re
from collections.abc import Callable

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goodstanding.server.store.models import Case, Evidence
from tests.server.showcase import PDF, Showcase

Enter = Callable[[Case], Client]
PLAN = {
    "route": "plan",
    "root_cause": "No Saturday pick-up.",
    "corrective": "- Refunded 12 buyers.\n- Took 3 listings down.",
    "preventive": "Dana checks daily.",
}


def test_a_file_stands_beside_its_point_for_holder_and_reviewer(show: Showcase, holder_of: Enter) -> None:
    """F5, H5; G2: the last step and the receipt say who reads it, by when, and what stays as it is."""
    case = show.cases["in_force"]
    browser = holder_of(case)
    last = browser.post(f"/case/{case.pk}/appeal/", PLAN | {"step": "review"}).content.decode()
    assert re.findall(r'name="(files_[^"]*)"', last) == [
        "files_root_cause",
        "files_corrective-1",
        "files_corrective-2",
        "files_corrective",
        "files_preventive",
    ]
    assert "You hear from us by" in last
    assert "what is limited stays limited" in last
    files = {
        "files_corrective-2": SimpleUploadedFile("listings.pdf", PDF),
        "files_corrective": SimpleUploadedFile("all.csv", b"order,refund\n1,2\n"),
        "files_corrective-99": SimpleUploadedFile("beyond.pdf", PDF),
    }
    receipt = browser.post(f"/case/{case.pk}/appeal/", PLAN | {"step": "send", "submission_key": "k"} | files, follow=True).content.decode()
    assert dict(Evidence.objects.filter(case=case).values_list("name", "part")) == {"listings.pdf": "corrective:2", "all.csv": "corrective"}
    assert "What happens next" in receipt
    assert "You get a receipt" not in receipt
    assert "What you have already done, point 2" in receipt
    holders = browser.get(f"/case/{case.pk}/").content.decode()
    staff = Client()
    staff.force_login(show.specialist)
    for page in (holders, staff.get(f"/console/case/{case.pk}/").content.decode()):
        points = page[page.index('class="plain points"') :].split('<li class="point">')
        assert ("Refunded 12 buyers." in points[1], "listings.pdf" in points[1]) == (True, False)
        assert ("Took 3 listings down." in points[2], "listings.pdf" in points[2].split("</ol>")[0]) == (True, True)
