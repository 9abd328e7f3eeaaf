"""The trade-off of accuracy and CPU on several processors as an SVG, from measured points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Curve", "Point", "plot"]

_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 20, 20, 50
_COLOURS = ("#36c", "#c60", "#393")


@dataclass(frozen=True, slots=True)
class Point:
    """Mean CPU in milliseconds, accuracy in percent, and what it is called."""

    cpu: float
    accuracy: float
    name: str


@dataclass(frozen=True, slots=True)
class Curve:
    """A processor: the sweep, the packaged setting, and the encoder alone."""

    processor: str
    swept: tuple[Point, ...]
    packaged: Point
    encoder: Point


def plot(curves: Sequence[Curve]) -> str:
    """An SVG document: a line for each processor, the packaged setting and the encoder marked."""
    every = [point for one in curves for point in (*one.swept, one.packaged, one.encoder)]
    widest = max(point.cpu for point in every) * 1.08
    lowest = int(min(point.accuracy for point in every)) - 1
    highest = int(max(point.accuracy for point in every)) + 2

    def x(cpu: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * cpu / widest

    def y(accuracy: float) -> float:
        span = _HEIGHT - _TOP - _BOTTOM
        return _HEIGHT - _BOTTOM - span * (accuracy - lowest) / (highest - lowest)

    def text(place: tuple[float, float], words: str, anchor: str = "middle", more: str = "") -> str:
        along, down = place
        return f'<text x="{along:.1f}" y="{down:.1f}" text-anchor="{anchor}" {more}>{words}</text>'

    def dot(point: Point, size: int, colour: str) -> str:
        title = f"{point.name}: {point.accuracy:.1f} % at {point.cpu:.2f} ms"
        place = f'cx="{x(point.cpu):.1f}" cy="{y(point.accuracy):.1f}"'
        return f'<circle {place} r="{size}" fill="{colour}"><title>{title}</title></circle>'

    size = f'viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" height="{_HEIGHT}"'
    style = 'font-family="sans-serif" font-size="12" fill="#333"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} {style}>',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="white"/>',
    ]
    for percent in range(lowest, highest + 1):
        line = f'<path d="M{_LEFT} {y(percent):.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>'
        parts += [line, text((_LEFT - 8, y(percent) + 4), str(percent), "end")]
    step = 0.25 if widest < 3 else 0.5
    ticks = [nth * step for nth in range(int(widest / step) + 1)]
    parts += [text((x(tick), _HEIGHT - _BOTTOM + 18), f"{tick:g}") for tick in ticks]
    for nth, (curve, colour) in enumerate(zip(curves, _COLOURS, strict=False)):
        line = " ".join(f"{x(point.cpu):.1f},{y(point.accuracy):.1f}" for point in curve.swept)
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [dot(point, 3, colour) for point in curve.swept]
        parts += [dot(point, 6, colour) for point in (curve.packaged, curve.encoder)]
        packaged, encoder = curve.packaged, curve.encoder
        words = (
            f"{curve.processor}: packaged {packaged.accuracy:.1f} % at {packaged.cpu:.2f} ms, "
            f"encoder always {encoder.accuracy:.1f} % at {encoder.cpu:.2f} ms"
        )
        place = (_WIDTH - _RIGHT - 8, _HEIGHT - _BOTTOM - 16 * (len(curves) - nth))
        parts.append(text(place, words, "end", f'fill="{colour}"'))
    turned = f'transform="rotate(-90 14 {_HEIGHT / 2})"'
    middle, height = (_LEFT + _WIDTH - _RIGHT) / 2, _HEIGHT / 2
    parts += [
        text((middle, _HEIGHT - 12), "mean CPU per classification, ms"),
        text((14, height), "accuracy including none, %", more=turned),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"
