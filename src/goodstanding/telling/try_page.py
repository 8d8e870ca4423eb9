"""The page of `policy try`: one self-contained HTML file, light and dark, for a phone and a desk, without script or request."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from urllib.parse import quote

from goodstanding.core.enforcement.trial import AccountTrial, AppealRecord, Tally, Verdict
from goodstanding.core.policy.diff import Change
from goodstanding.telling.charts import pair_bars, stack, step_chart
from goodstanding.telling.trial_report import LIMITED, Report, reason_name
from goodstanding.telling.wording import Wording

MOST_LISTED = 200
"""Accounts of a list that the page shows; the JSON document has all."""

SHORT = 20
"""Changes of a pack that are laid open; more are folded by part."""

STYLE = """
:root{color-scheme:light dark;--ink:#1b1f24;--soft:#57606a;--paper:#fff;--card:#f6f8fa;--line:#d0d7de;--old:#8a6d1d;--new:#0b63c5;--good:#1a7f37;--bad:#b3261e;--mid:#a85b00}
@media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--soft:#9aa5b1;--paper:#0d1117;--card:#161b22;--line:#30363d;--old:#e0b64b;--new:#6cb0ff;--good:#56d364;--bad:#ff8b80;--mid:#ffb065}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,"Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:60rem;margin:0 auto;padding:1.25rem 1rem 3rem}
h1{font-size:1.5rem;line-height:1.25;margin:.5rem 0}h2{font-size:1.15rem;margin:2.2rem 0 .6rem}
p{margin:.4rem 0}.soft{color:var(--soft)}.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.75rem;margin:1rem 0}
.tile{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.75rem}.tile b{display:block;font-size:1.9rem;line-height:1.2;font-variant-numeric:tabular-nums}
.tile.newly_limited b{color:var(--bad)}.tile.newly_free b{color:var(--good)}.tile span{display:block}.tile small{color:var(--soft)}
svg{display:block;width:100%}svg text{font-size:12px;fill:var(--soft)}.steps path{fill:none;stroke-width:2}
path.old{stroke:var(--old);stroke-dasharray:6 4}path.new{stroke:var(--new)}rect.old{fill:var(--old)}rect.new{fill:var(--new)}.grid{stroke:var(--line)}
.bars{height:1.25rem;min-width:5rem}.stack{height:1.1rem;border-radius:.25rem}
rect.won{fill:var(--good)}rect.partly{fill:var(--mid)}rect.lost{fill:var(--bad)}rect.none{fill:var(--line)}
.key i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin:0 .3em 0 .9em;vertical-align:-.05em}.key i:first-child{margin-left:0}
i.old{background:var(--old)}i.new{background:var(--new)}i.won{background:var(--good)}i.partly{background:var(--mid)}i.lost{background:var(--bad)}i.none{background:var(--line)}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}th,td{text-align:left;padding:.35rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}
th{color:var(--soft);font-weight:600}td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}td.chart{width:24%}td{overflow-wrap:anywhere}td:not(.n):not(.chart){min-width:6.5rem}td:first-child{min-width:8.5rem}
details{border:1px solid var(--line);border-radius:.5rem;margin:.6rem 0;padding:.5rem .75rem}summary{cursor:pointer;font-weight:600}
ul{padding-left:1.2rem;margin:.4rem 0}li{margin:.15rem 0;overflow-wrap:anywhere}
@media(max-width:40rem){td.chart,th.chart{display:none}h1{font-size:1.3rem}svg text{font-size:22px}th,td{padding:.35rem .3rem}}
@media print{details{border:0}}
"""


def page(report: Report, words: Wording) -> str:
    """The whole page, to be kept or mailed."""
    title = escape(words("page", "title"))
    head = (
        f'<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>{title}</title>'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
    )
    return f'<!doctype html>\n<html lang="{words.language}"><head>{head}<style>{STYLE}</style></head><body><main>{body(report, words)}</main></body></html>\n'


def body(report: Report, words: Wording, account_page: str = "") -> str:
    """What the page says, without its frame. `account_page`: an address with `{}` for an account's id, which is then a link there."""
    trial = report.trial
    say: Callable[..., str] = lambda key, **values: words("page", key, **values)  # noqa: E731 - a short name for what every line needs
    days = words.days((trial.last - trial.first).days + 1)
    lead = say("lead", old=report.old.name, new=report.new.name, first=trial.first, last=trial.last, days=days)
    parts = (
        f"<h1>{escape(say('title'))}</h1><p>{escape(lead)}</p><p><strong>{escape(summary(report, words))}</strong></p>",
        _tiles(report, words),
        f"<h2>{escape(say('by_day'))}</h2>{_key((('old', say('old')), ('new', say('new'))))}",
        step_chart(report.days, (say("old"), say("new")), say("by_day")),
        _tallies(say("by_reason"), say("reason"), report.reasons, words, lambda name: reason_name(report, name, words.language)),
        _tallies(say("by_rule"), say("rule"), report.rules, words, lambda name: name),
        _appeals(report, words),
        _changes(report, words),
        *(_list(report, verdict, words, account_page) for verdict in LIMITED),
        f"<h2>{escape(say('how'))}</h2><p>{escape(say('how_text'))}</p>{_not_tried(report, words)}",
        f'<p class="soft">{escape(say("made", old=report.old.digest[:16], new=report.new.digest[:16]))}</p>',
    )
    return "".join(parts)


def summary(report: Report, words: Wording) -> str:
    """The trial in one sentence."""
    old_days, new_days = report.account_days
    numbers = {"limited": Verdict.NEWLY_LIMITED, "free": Verdict.NEWLY_FREE, "kept": Verdict.KEPT}
    counts = {name: f"{report.count(verdict):,}" for name, verdict in numbers.items()}
    return words("page", "summary", **counts, old_days=f"{old_days:,}", new_days=f"{new_days:,}")


def appeal_lines(report: Report, words: Wording) -> list[str]:
    """How many of the newly freed and newly limited had won an appeal, as sentences."""
    if report.appeals is None:
        return [words("page", "no_outcomes")]
    asked = (("won_of", Verdict.NEWLY_FREE), ("won_of_limited", Verdict.NEWLY_LIMITED))
    return [words("page", key, all=f"{report.count(verdict):,}", won=f"{report.appeals[verdict][AppealRecord.WON]:,}") for key, verdict in asked]


def record_name(record: AppealRecord, words: Wording) -> str:
    """What a record of appeals is called."""
    return words("page", "lost_appeal" if record is AppealRecord.LOST else record)


def _tiles(report: Report, words: Wording) -> str:
    told = {verdict: words("page", f"{verdict}_note", accounts=words.accounts(report.trial.accounts)) for verdict in Verdict}
    tiles = (
        f'<div class="tile {verdict}"><span>{escape(words("page", verdict))}</span><b>{report.count(verdict):,}</b><small>{escape(told[verdict])}</small></div>'
        for verdict in Verdict
    )
    return f'<div class="tiles">{"".join(tiles)}</div>'


def _key(names: Iterable[tuple[str, str]]) -> str:
    return '<p class="key soft">' + "".join(f'<i class="{style}"></i>{escape(name)}' for style, name in names) + "</p>"


def _tallies(title: str, what: str, tallies: tuple[Tally, ...], words: Wording, called: Callable[[str], str]) -> str:
    if not tallies:
        return f"<h2>{escape(title)}</h2><p>{escape(words('page', 'nobody'))}</p>"
    top = max(max(tally.old, tally.new) for tally in tallies) or 1
    columns = [words("page", name) for name in ("old", "new", "gained", "lost")] + [
        f"{words('page', 'days')}, {words('page', n)}" for n in ("old", "new")
    ]
    head = f'<tr><th>{escape(what)}</th><td class="chart"></td>' + "".join(f'<th class="n">{escape(name)}</th>' for name in columns) + "</tr>"
    rows = "".join(
        f'<tr><td>{escape(called(t.name))}</td><td class="chart">{pair_bars(t.old, t.new, top, f"{t.old} → {t.new}")}</td>'
        + "".join(f'<td class="n">{value:,}</td>' for value in (t.old, t.new, t.gained, t.lost, t.old_days, t.new_days))
        + "</tr>"
        for t in tallies
    )
    return f'<h2>{escape(title)}</h2><div class="wide" tabindex="0" role="group" aria-label="{escape(title)}"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>'


def _appeals(report: Report, words: Wording) -> str:
    lines = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in appeal_lines(report, words))
    head = f"<h2>{escape(words('page', 'appeals'))}</h2>"
    if report.appeals is None:
        return f"{head}{lines}"
    bars = ""
    for verdict, counts in report.appeals.items():
        parts = [(str(record), counts[record], record_name(record, words)) for record in AppealRecord]
        told = ", ".join(f"{name} {number:,}" for _, number, name in parts)
        bars += f"<p>{escape(words('page', verdict))}: {escape(told)}</p>{stack(parts, told)}"
    return f"{head}<p>{escape(words('page', 'appeals_lead'))}</p>{lines}{_key((str(r), record_name(r, words)) for r in AppealRecord)}{bars}"


def _changes(report: Report, words: Wording) -> str:
    said = [change for change in report.changes if not change.is_citation]
    cited = [words.change(change) for change in report.changes if change.is_citation]
    body = _items(words.change(change) for change in said) if said else f"<p>{escape(words('diff', 'same'))}</p>"
    if len(said) > SHORT:
        body = "".join(_folded(words("parts", part), [c for c in said if c.part == part], words) for part in dict.fromkeys(c.part for c in said))
    more = f"<details><summary>{escape(words('page', 'citations'))} ({len(cited)})</summary>{_items(cited)}</details>" if cited else ""
    return f"<h2>{escape(words('page', 'changes'))}</h2>{body}{more}"


def _folded(title: str, changes: Sequence[Change], words: Wording) -> str:
    """The changes of one part, to be opened by whom they concern: two very different packs differ in hundreds of lines."""
    lines = _items(words.change(change) for change in changes)
    return f"<details><summary>{escape(title)} ({len(changes):,})</summary>{lines}</details>"


def _items(lines: Iterable[str]) -> str:
    return "<ul>" + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def _list(report: Report, verdict: Verdict, words: Wording, account_page: str) -> str:
    accounts = report.trial.of(verdict)
    key = {Verdict.NEWLY_LIMITED: "list_limited", Verdict.NEWLY_FREE: "list_free", Verdict.KEPT: "list_kept"}[verdict]
    title = f"<summary>{escape(words('page', key))} ({len(accounts):,})</summary>"
    if not accounts:
        return f"<details>{title}<p>{escape(words('page', 'nobody'))}</p></details>"
    names = [words("page", name) for name in ("account", "since", "reason", "rule", "days")]
    head = "<tr>" + "".join(f"<th{' class=n' if n == len(names) - 1 else ''}>{escape(name)}</th>" for n, name in enumerate(names)) + "</tr>"
    rows = "".join(_row(report, account, words, account_page) for account in accounts[:MOST_LISTED])
    more = f"<p>{escape(words('page', 'more', n=f'{len(accounts) - MOST_LISTED:,}'))}</p>" if len(accounts) > MOST_LISTED else ""
    return f'<details>{title}<div class="wide" tabindex="0" role="group" aria-label="{escape(words("page", key))}"><table><thead>{head}</thead><tbody>{rows}</tbody></table></div>{more}</details>'


def _row(report: Report, account: AccountTrial, words: Wording, account_page: str) -> str:
    part = account.old if account.verdict is Verdict.NEWLY_FREE else account.new
    days = f"{account.old.days:,} → {account.new.days:,}"
    separator = words("diff", "separator")
    reasons = separator.join(reason_name(report, code, words.language) for code in part.reasons)
    cells = (str(part.since), reasons, separator.join(part.rules))
    called = escape(account.account_id)
    if account_page:
        called = f'<a href="{escape(account_page.format(quote(account.account_id, safe="")))}">{called}</a>'
    return f"<tr><td>{called}</td>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + f'<td class="n">{days}</td></tr>'


def _not_tried(report: Report, words: Wording) -> str:
    if not report.not_tried:
        return ""
    names = words("diff", "separator").join(reason_name(report, code, words.language) for code in report.not_tried)
    return f"<p>{escape(words('page', 'not_tried', reasons=names))}</p>"
