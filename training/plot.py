"""The trade-off of accuracy and CPU as an SVG, from measured points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Point", "plot"]

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 20, 50
_STYLE = "font: 12px sans-serif; fill: #333"


@dataclass(frozen=True, slots=True)
class Point:
    """Mean CPU in milliseconds, accuracy in percent, and what it is called."""

    cpu: float
    accuracy: float
    name: str


def plot(swept: Sequence[Point], packaged: Point, encoder: Point) -> str:
    """An SVG document: the sweep as a line, the packaged setting and the encoder alone marked."""
    every = [*swept, packaged, encoder]
    widest = max(point.cpu for point in every) * 1.08
    lowest = int(min(point.accuracy for point in every)) - 1
    highest = int(max(point.accuracy for point in every)) + 2

    def x(cpu: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * cpu / widest

    def y(accuracy: float) -> float:
        span = _HEIGHT - _TOP - _BOTTOM
        return _HEIGHT - _BOTTOM - span * (accuracy - lowest) / (highest - lowest)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" '
        f'width="{_WIDTH}" height="{_HEIGHT}">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for percent in range(lowest, highest + 1):
        parts.append(
            f'<path d="M{_LEFT} {y(percent):.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
            f'<text x="{_LEFT - 8}" y="{y(percent) + 4:.1f}" text-anchor="end" '
            f'style="{_STYLE}">{percent}</text>'
        )
    step = 0.25 if widest < 3 else 0.5
    for nth in range(int(widest / step) + 1):
        parts.append(
            f'<text x="{x(nth * step):.1f}" y="{_HEIGHT - _BOTTOM + 18}" text-anchor="middle" '
            f'style="{_STYLE}">{nth * step:g}</text>'
        )
    line = " ".join(f"{x(point.cpu):.1f},{y(point.accuracy):.1f}" for point in swept)
    parts.append(f'<polyline points="{line}" fill="none" stroke="#36c" stroke-width="2"/>')
    for point in swept:
        parts.append(
            f'<circle cx="{x(point.cpu):.1f}" cy="{y(point.accuracy):.1f}" r="3" fill="#36c">'
            f"<title>caution {point.name}: {point.accuracy:.1f} % at {point.cpu:.2f} ms</title>"
            "</circle>"
        )
    for point, colour, below in ((packaged, "#c33", 18), (encoder, "#393", -10)):
        parts.append(
            f'<circle cx="{x(point.cpu):.1f}" cy="{y(point.accuracy):.1f}" r="5" fill="{colour}"/>'
            f'<text x="{x(point.cpu):.1f}" y="{y(point.accuracy) + below:.1f}" '
            f'text-anchor="middle" style="font: 12px sans-serif; fill: {colour}">{point.name}: '
            f"{point.accuracy:.1f} % at {point.cpu:.2f} ms</text>"
        )
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts += [
        f'<text x="{middle}" y="{_HEIGHT - 12}" text-anchor="middle" style="{_STYLE}">'
        "mean CPU per classification, ms</text>",
        f'<text x="14" y="{_HEIGHT / 2}" text-anchor="middle" style="{_STYLE}" '
        f'transform="rotate(-90 14 {_HEIGHT / 2})">mean accuracy including none, %</text>',
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
