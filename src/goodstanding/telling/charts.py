"""Charts as plain SVG text: no script, no request, colours from the page's style, and every number also in a title for who cannot see them."""

from collections.abc import Sequence
from datetime import date
from html import escape

WIDTH, HEIGHT = 720, 220
_LEFT, _BOTTOM, _TOP = 44, 24, 12

Day = tuple[date, int, int]


def step_chart(days: Sequence[Day], names: tuple[str, str], label: str) -> str:
    """Two numbers per day as two step lines: the old dashed, the new solid."""
    top = max((max(old, new) for _, old, new in days), default=0) or 1
    lines = "".join(
        f'<path class="{name}" d="{_steps([row[n] for row in days], top)}"/>'  # type: ignore[misc]
        for n, name in ((1, "old"), (2, "new"))
    )
    grid = "".join(_grid(value, top) for value in _ticks(top))
    ends = "".join(
        f'<text x="{x}" y="{HEIGHT - 6}" text-anchor="{anchor}">{day}</text>'
        for x, anchor, day in ((_LEFT, "start", days[0][0]), (WIDTH - 4, "end", days[-1][0]))
    )
    told = f"{label}: {names[0]} {days[0][1]} → {days[-1][1]}, {names[1]} {days[0][2]} → {days[-1][2]}; max {top}"
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(told)}" class="steps"><title>{escape(told)}</title>'
        f"{grid}{lines}{ends}</svg>"
    )


def pair_bars(old: int, new: int, top: int, label: str) -> str:
    """Two bars, one under the other, to be read beside others of the same `top`."""
    bars = "".join(
        f'<rect class="{name}" x="0" y="{y}" width="{_share(value, top):.2f}" height="8" rx="2"/>'
        for name, value, y in (("old", old, 1), ("new", new, 11))
    )
    return f'<svg viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label="{escape(label)}" class="bars">{bars}</svg>'


def stack(parts: Sequence[tuple[str, int, str]], label: str) -> str:
    """Parts of a whole (style class, number, name) as one bar."""
    total = sum(number for _, number, _ in parts) or 1
    at, bars = 0.0, ""
    for style, number, name in parts:
        width = 100 * number / total
        bars += f'<rect class="{style}" x="{at:.3f}" y="0" width="{width:.3f}" height="10"><title>{escape(name)}: {number:,}</title></rect>'
        at += width
    return f'<svg viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label="{escape(label)}" class="stack">{bars}</svg>'


def _share(value: int, top: int) -> float:
    return max(0.6, 100 * value / top) if value else 0.0


def _steps(values: Sequence[int], top: int) -> str:
    """A path of steps, drawn only where the value changes, so that a long period stays a short text."""
    path, before = [f"M{_x(0, len(values)):.1f} {_y(values[0], top):.1f}"], values[0]
    for n, value in enumerate(values):
        if value != before:
            path.append(f"H{_x(n, len(values)):.1f}V{_y(value, top):.1f}")
            before = value
    return "".join(path) + f"H{_x(len(values), len(values)):.1f}"


def _x(place: int, many: int) -> float:
    return _LEFT + (WIDTH - 4 - _LEFT) * place / max(1, many)


def _y(value: float, top: int) -> float:
    return _TOP + (HEIGHT - _BOTTOM - _TOP) * (1 - value / top)


def _grid(value: int, top: int) -> str:
    y = _y(value, top)
    line = f'<line class="grid" x1="{_LEFT}" x2="{WIDTH - 4}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return line + f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,}</text>'


def _ticks(top: int) -> list[int]:
    step = 1
    while top / step > 4:
        step = step * 5 // 2 if str(step).startswith("2") else step * 2
    return list(range(0, top + 1, step))
