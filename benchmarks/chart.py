"""A comparison as a picture: for each set-up a bar of CPU per request, by process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

__all__ = ["chart"]

_WIDTH, _LEFT, _RIGHT = 720, 150, 90
_BAR, _GAP, _TOP, _BOTTOM = 22, 10, 46, 14
_COLOURS = {"router": "#3b6fd4", "envoy": "#8a63d2", "observer": "#4aa3a2"}
_OTHER = "#c98a3a"


def chart(title: str, bars: Mapping[str, Mapping[str, float]]) -> str:
    """An SVG document, legible on light and dark ground.

    Args:
        title: what stands above it.
        bars: by set-up the microseconds of CPU of each process.
    """
    widest = max(sum(parts.values()) for parts in bars.values())
    height = _TOP + len(bars) * (_BAR + _GAP) + _BOTTOM
    size = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    style = 'font-family="system-ui, sans-serif" font-size="13" fill="#24292f"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style} role="img">',
            f"<title>{escape(title)}</title>",
            f'<rect width="{_WIDTH}" height="{height}" rx="6" fill="#ffffff"/>',
            f'<text x="16" y="24" font-weight="600">{escape(title)}</text>',
            *_legend(bars),
            *(
                line
                for place, (setup, parts) in enumerate(bars.items())
                for line in _bar(setup, parts, _TOP + place * (_BAR + _GAP), widest)
            ),
            "</svg>",
            "",
        ]
    )


def _colour(process: str) -> str:
    return _COLOURS.get(process, _OTHER)


def _legend(bars: Mapping[str, Mapping[str, float]]) -> Sequence[str]:
    present = {process for parts in bars.values() for process in parts}
    shown = [process for process in _COLOURS if process in present]
    parts = []
    for place, process in enumerate(shown):
        x = _WIDTH - 90 * (len(shown) - place)
        parts += [
            f'<rect x="{x}" y="13" width="12" height="12" rx="2" fill="{_colour(process)}"/>',
            f'<text x="{x + 17}" y="24">{process}</text>',
        ]
    return parts


def _bar(setup: str, parts: Mapping[str, float], y: int, widest: float) -> Sequence[str]:
    room = _WIDTH - _LEFT - _RIGHT
    middle = y + _BAR * 0.7
    lines = [f'<text x="{_LEFT - 10}" y="{middle:.0f}" text-anchor="end">{escape(setup)}</text>']
    x = float(_LEFT)
    for process, cpu in parts.items():
        width = room * cpu / widest
        told = f"{setup}, {process}: {cpu:,.0f} µs"
        place = f'x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}"'
        lines.append(
            f'<rect {place} fill="{_colour(process)}"><title>{escape(told)}</title></rect>'
        )
        x += width
    lines.append(f'<text x="{x + 8:.1f}" y="{middle:.0f}">{sum(parts.values()):,.0f} µs</text>')
    return lines
