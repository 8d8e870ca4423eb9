"""`goodstanding draft`: a first draft of a plan or a dispute, with the facts' own numbers and marked gaps (requirement F4)."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from goodstanding.cli.check import DAY, FILE, FOLDER, Answering, refuse_unknown
from goodstanding.core.appeals.checks.reading import GAP
from goodstanding.core.appeals.drafting import DraftOf, usual_route
from goodstanding.core.appeals.drafting import draft as write_draft
from goodstanding.core.errors import UnusableInput
from goodstanding.core.policy.pack import PolicyPack
from goodstanding.core.terms import Route
from goodstanding.packs.loader import load_pack

_EXAMPLES = """\b
Examples:
  goodstanding draft notice.eml --facts facts/ --account S-1 --out plan.md
  goodstanding draft --reason IP_TRADEMARK --route dispute --language zh-Hans --out plan.md

Then fill the gaps and run `goodstanding check plan.md`."""


@click.command(epilog=_EXAMPLES)
@click.argument("notice", required=False, type=FILE)
@click.option("--reason", "reasons", multiple=True, metavar="CODE", help="A reason that the draft answers; may be given more than once.")
@click.option("--product", "products", multiple=True, metavar="ID", help="A product that it names; may be given more than once.")
@click.option("--facts", type=FOLDER, metavar="DIR", help="Folder of fact tables that numbers and days are taken from; needs --account.")
@click.option("--account", metavar="ID", help="The account whose plan it is.")
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql over the marketplace's own tables in --facts.")
@click.option("--as-of", type=DAY, metavar="DATE", help="Facts as known at the end of this day (default: the last day with an order).")
@click.option(
    "--route",
    type=click.Choice([str(route) for route in Route]),
    help="Plan (it happened) or dispute (it did not); default: plan, where the reason is open to one.",
)
@click.option("--language", metavar="LANG", help="Language of the draft: en, zh-Hans, zh-Hant (default: that of the notice, else en).")
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE", help="Policy pack: a name, a file or a folder.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Where to write it (default: the terminal).")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def draft(
    notice: Path | None,
    reasons: Sequence[str],
    products: Sequence[str],
    facts: Path | None,
    account: str | None,
    mapping: Path | None,
    as_of: datetime | None,
    route: str | None,
    language: str | None,
    pack_name: str,
    out: Path | None,
    force: bool,
) -> None:
    """Lay out a first draft for the reasons: cause, actions and prevention, or the grounds of a dispute.

    NOTICE is the notice to answer (.eml or text); without it give --reason. What the facts know is filled in; what only you know is a gap in double brackets. Nothing is invented.
    """
    pack = load_pack(pack_name)
    refuse_unknown(pack, reasons, pack_name)
    asked = Answering(tuple(reasons), tuple(products))
    if notice:
        from goodstanding.cli.notices import answer_notice  # its word lists are loaded only where a notice is given

        asked, read = answer_notice(pack, pack_name, notice, asked)
        if not asked.reasons:
            told = ", ".join(found.code for found in read.reasons) or "none"
            raise UnusableInput(f"{notice} names no reason that {pack.name} knows (read: {told}); name one with --reason")
    if out and out.exists() and not force:
        raise UnusableInput(f"{out} is there already; give another name, or --force to write over it")
    basis = _basis(pack, asked, Route(route) if route else usual_route(pack, asked.reasons), facts, mapping, account, as_of)
    text = write_draft(pack, language or asked.wanted or "en", basis)
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UnusableInput(f"{out} cannot be written: {error.strerror}; check the folder and its permissions") from error
    click.echo(f"{out}: {basis.route}, {len(GAP.findall(text))} gaps to fill; then run `goodstanding check {out}`")


def _basis(
    pack: PolicyPack,
    asked: Answering,
    route: Route,
    facts: Path | None,
    mapping: Path | None,
    account: str | None,
    as_of: datetime | None,
) -> DraftOf:
    if facts is None and account is None:
        return DraftOf(route, asked.reasons, asked.products, asked.documents)
    from goodstanding.cli.account_facts import diagnosis_of, read_facts  # the engine is loaded only where facts are given

    one = read_facts(pack, facts, mapping, account, as_of.date() if as_of else None)
    if one is None:
        return DraftOf(route, asked.reasons, asked.products, asked.documents)
    diagnosis = diagnosis_of(pack, one, asked.reasons)
    return DraftOf(route, asked.reasons, asked.products, asked.documents, diagnosis, one.summary)
