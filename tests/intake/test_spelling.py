"""Spelling of English, asked by the threads of a server."""

from concurrent.futures import ThreadPoolExecutor

from goodstanding.intake.spelling import slips_of

TEXT = "We have recieved the parcels late. They was shiped by an other carrier. " * 20


def test_two_threads_that_check_at_once_both_get_their_answer() -> None:
    """A page that checks a plan while another one does must not fail."""
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: slips_of(TEXT, "en", ()), range(24)))
    assert len(set(found)) == 1
    assert {"recieved", "shiped"} <= {TEXT[slip.start : slip.end] for slip in found[0]}
