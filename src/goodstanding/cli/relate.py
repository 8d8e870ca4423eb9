"""`goodstanding relate`: which accounts hang together, by what, and which clusters that makes, from a folder of facts to two Parquet files."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from goodstanding.cli.assess import DAY, FOLDER, memory_of, report_findings, show_progress
from goodstanding.core.errors import Finding, UnusableInput
from goodstanding.core.policy.pack import Linkage, PolicyPack
from goodstanding.engines import linking
from goodstanding.engines.base import FactSource
from goodstanding.engines.loading import open_facts
from goodstanding.engines.relating import EVERYTHING, FACTS_READ, take_uses
from goodstanding.engines.relating_files import CLUSTERS_FILE, RELATIONS_FILE, Related, write_relations
from goodstanding.engines.relating_state import RelatingState
from goodstanding.packs.loader import load_pack

_EPILOG = """\b
Example:
  goodstanding relate --facts facts --out related
  goodstanding relate --facts today --out related --state kept    # only what is new since the last run
"""


@click.command(epilog=_EPILOG)
@click.option("--facts", required=True, type=FOLDER, metavar="DIR", help="Folder of fact tables: identifiers, sign_ins, accounts, actions.")
@click.option("--mapping", type=FOLDER, metavar="DIR", help="Folder of <kind>.sql files that make facts of a marketplace's own tables.")
@click.option("--pack", "pack_name", default="amazon", show_default=True, metavar="NAME|FILE", help="The policy pack that weighs the evidence.")
@click.option("--as-of", type=DAY, metavar="DATE", help="Only what was known at the end of this day.  [default: everything told]")
@click.option("--state", type=FOLDER, metavar="DIR", help="Keep facts and relations here; --facts then holds only what is new since the last run.")
@click.option(
    "--alike", "with_profiles", is_flag=True, help="Also compare names, addresses and numbers that are nearly equal (Splink; slower, full runs only)."
)
@click.option("--memory", metavar="SIZE", help="Memory for DuckDB, like 3GB (default: most of the machine).")
@click.option("--out", required=True, type=FOLDER, metavar="DIR", help="Folder for relations.parquet and clusters.parquet.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as one JSON document.")
def relate(
    facts: Path,
    mapping: Path | None,
    pack_name: str,
    as_of: datetime | None,
    state: Path | None,
    with_profiles: bool,
    memory: str | None,
    out: Path,
    as_json: bool,
) -> None:
    """Related accounts: who shares what with whom, how much it says, and what speaks against it. Values are masked.

    A relation is evidence for a person to judge, never a judgement. Exit codes: 0 done, 2 unusable input (one line says why).
    """
    pack = load_pack(pack_name)
    if pack.linkage is None:
        raise UnusableInput(f"the pack {pack.name} has no [linkage], so nothing says how accounts are related; give another with --pack")
    if state and as_of:
        raise UnusableInput("--state goes on from all facts told so far, and --as-of asks for a day; give one of the two")
    if state and with_profiles:
        raise UnusableInput("--alike learns from all records together, and --state is given the new ones only; run it apart, without --state")
    source = FactSource(facts, mapping)
    with show_progress() as progress:
        if state:
            kept = RelatingState(state, memory_of(memory))
            with kept.extended(source, pack, pack.linkage, progress) as findings:
                related = write_relations(kept.con, pack.linkage, out)
        else:
            con, findings = open_facts(source, kinds=FACTS_READ, memory_limit=memory_of(memory), progress=progress)
            with con:
                take_uses(con, pack.linkage, as_of.date() if as_of else EVERYTHING, with_profiles=with_profiles)
                linking.link(con, pack.linkage)
                related = write_relations(con, pack.linkage, out)
    report_findings(findings, out)
    tell = _document if as_json else _text
    click.echo(tell(pack, pack.linkage, related, findings, out))


def _document(pack: PolicyPack, linkage: Linkage, related: Related, findings: Sequence[Finding], out: Path) -> str:
    document = {
        "pack": pack.name,
        "relate_at": linkage.relate_at,
        "cluster_at": linkage.cluster_at,
        "relations": related.relations,
        "related_accounts": related.accounts,
        "clusters": related.clusters,
        "clustered_accounts": related.clustered,
        "largest_cluster": related.largest,
        "findings": len(findings),
        "files": {name: str(out / name) for name in (RELATIONS_FILE, CLUSTERS_FILE)},
    }
    return json.dumps(document, ensure_ascii=False)


def _text(pack: PolicyPack, linkage: Linkage, related: Related, findings: Sequence[Finding], out: Path) -> str:
    lines = [
        f"{related.relations:,} relations of at least {linkage.relate_at} between {related.accounts:,} accounts by {pack.name}",
        f"{related.clusters:,} clusters of relations of at least {linkage.cluster_at}, with {related.clustered:,} accounts, the largest of {related.largest:,}",
        f"{len(findings):,} findings about the facts" if findings else "every fact could be used",
        f"written to {out}: {RELATIONS_FILE}, {CLUSTERS_FILE}",
    ]
    return "\n".join(lines)
