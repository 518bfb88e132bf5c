"""What moves in the drawn street: vehicles, people, snow. All of it closes at the end of the loop."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, pi, sin

import numpy as np
from numpy.typing import NDArray

from bingjian.simulate.painting import Array, Colour, Layer, Point, blur
from bingjian.simulate.stage import (
    FAR_LANE,
    HEIGHT,
    LOOP_FRAMES,
    NEAR_LANE,
    SNOW,
    WIDTH,
    Sprite,
    lighter,
)

Placement = Callable[[float, float], Point]  # a figure's own coordinates → pixels of its sprite


@dataclass(frozen=True, slots=True)
class Mover:
    """Crosses the picture at an even speed, once or more in a loop."""

    phases: tuple[Sprite, ...]
    start: float  # left edge in picture 0
    step: float  # pixels a picture; negative: to the left
    span: float  # |step| · LOOP_FRAMES / a whole number, so that the loop closes
    y: int

    def draw(self, picture: NDArray[np.uint8], number: int) -> None:
        sprite = self.phases[number % len(self.phases)]
        x = (self.start + self.step * number + MARGIN) % self.span - MARGIN
        if x < WIDTH:
            sprite.draw(picture, x, self.y)


MARGIN = 420  # pixels left of the picture where movers may already be: no sprite is wider


def cars() -> list[Mover]:
    """Far lane to the left, near lane to the right; one speed a lane, so nobody is overtaken."""
    far_step, near_step = -8.0, 9.0
    far_span, near_span = 8.0 * LOOP_FRAMES, 9.0 * LOOP_FRAMES
    far = [
        (_car((0.56, 0.10, 0.10), 0.82, "saloon"), 500.0),
        (_car((0.62, 0.64, 0.68), 0.82, "estate"), 1310.0),
        (_car((0.78, 0.60, 0.14), 0.82, "taxi"), 2130.0),
        (_bus(0.82), 2700.0),
    ]
    near = [
        (_car((0.13, 0.26, 0.46), 1.0, "estate"), 330.0),
        (_car((0.80, 0.80, 0.82), 1.0, "saloon"), -560.0),
        (_car((0.10, 0.34, 0.30), 1.0, "taxi"), -1530.0),
        (_car((0.36, 0.12, 0.30), 1.0, "saloon"), -2350.0),
    ]
    return [
        *(
            Mover((Sprite(layer.mirrored()),), x, far_step, far_span, FAR_LANE - _WHEEL_ROW)
            for layer, x in far
        ),
        *(Mover((Sprite(layer),), x, near_step, near_span, NEAR_LANE - _WHEEL_ROW) for layer, x in near),
    ]


_WHEEL_ROW = 130  # row of a vehicle's sprite that touches the road
_CAR_WIDTH, _CAR_HEIGHT = 400, 185


def _car(paint: Colour, scale: float, kind: str) -> Layer:
    """A car that drives to the right, with its light on the road and its mirror image below."""
    car = Layer.empty(_CAR_WIDTH, _CAR_HEIGHT)

    def at(x: float, y: float) -> tuple[float, float]:
        return 20 + x * scale, _WHEEL_ROW + y * scale

    car.ellipse(at(88, 0), 92 * scale, 6 * scale, (0.01, 0.01, 0.03), 0.75)
    rear = 16.0 if kind == "estate" else 34.0
    roof = [
        at(rear, -34),
        at(rear + 14, -56),
        at(60, -60),
        at(104, -60),
        at(134, -36),
        at(134, -32),
        at(rear, -30),
    ]
    car.polygon(roof, lighter(paint, 0.82))
    car.polygon([at(rear + 7, -35), at(rear + 18, -53), at(72, -56), at(72, -35)], (0.17, 0.20, 0.30))
    car.polygon([at(77, -35), at(77, -56), at(102, -56), at(123, -35)], (0.20, 0.24, 0.35))
    car.polygon([at(84, -35), at(97, -56), at(102, -56), at(92, -35)], (0.55, 0.56, 0.68), 0.35)
    car.ellipse(at(95, -42), 5 * scale, 6.5 * scale, (0.05, 0.05, 0.09), 0.9)
    body = [
        at(2, -12),
        at(4, -30),
        at(20, -36),
        at(134, -36),
        at(166, -29),
        at(174, -20),
        at(174, -11),
        at(168, -8),
        at(8, -8),
    ]
    car.polygon(body, paint)
    car.line([at(8, -33), at(132, -34), at(160, -28)], 2.2 * scale, lighter(paint, 1.7), 0.55)
    car.polygon([at(4, -16), at(174, -16), at(170, -8), at(8, -8)], lighter(paint, 0.55), 0.8)
    car.line([at(74, -35), at(75, -12)], 1.2 * scale, lighter(paint, 0.5), 0.9)
    car.rectangle(*at(62, -30), *at(69, -28), lighter(paint, 0.4))
    car.rectangle(*at(rear + 12, -63), *at(108, -59), SNOW, 0.9, 2)
    if kind == "taxi":
        car.rectangle(*at(74, -71), *at(98, -62), (1.0, 0.88, 0.50), 1, 2)
        car.glow(at(86, -67), 30, (1.0, 0.80, 0.36), 0.5)
    for wheel in (36, 140):
        _wheel(car, at(wheel, -11), scale)
    _lights(car, at(172, -22), at(4, -25), scale)
    _mirror_image(car)
    return car


def _wheel(car: Layer, hub: tuple[float, float], scale: float) -> None:
    car.ellipse(hub, 14.5 * scale, 14.5 * scale, (0.02, 0.02, 0.035))
    car.ellipse(hub, 12.2 * scale, 12.2 * scale, (0.06, 0.06, 0.08))
    car.ellipse(hub, 7.4 * scale, 7.4 * scale, (0.42, 0.43, 0.48))
    car.ellipse(hub, 2.4 * scale, 2.4 * scale, (0.12, 0.12, 0.15))


def _lights(car: Layer, front: tuple[float, float], rear: tuple[float, float], scale: float) -> None:
    """Head lamp with its beam (falling snow shows it), tail lamp with its glow on the wet road."""
    beam: Colour = (1.0, 0.95, 0.80)
    y, x = np.mgrid[0 : car.height, 0 : car.width].astype(np.float32)
    depth = (x - front[0]) / (185 * scale)
    away = np.abs(y - front[1] - depth * 17 * scale) / (4 + np.maximum(depth, 0) * 30 * scale)
    light = np.where(depth > 0, np.clip(1 - away, 0, 1) * np.clip(1 - depth, 0, 1) ** 1.4 * 0.42, 0)
    car.colour += light[..., None].astype(np.float32) * np.asarray(beam, np.float32)
    car.glow((front[0] + 84 * scale, _WHEEL_ROW + 6), 96 * scale, beam, 0.34, 0.16)
    car.glow(front, 34 * scale, beam, 0.55)
    car.ellipse(front, 4.6 * scale, 4.2 * scale, (1.0, 0.99, 0.93))
    car.rectangle(
        rear[0] - 3 * scale,
        rear[1] - 4 * scale,
        rear[0] + 3.4 * scale,
        rear[1] + 4.5 * scale,
        (1.0, 0.16, 0.12),
    )
    car.glow(rear, 30 * scale, (1.0, 0.10, 0.08), 0.55)
    car.glow((rear[0], _WHEEL_ROW + 12 * scale), 44 * scale, (1.0, 0.08, 0.06), 0.30, 0.5)


def _mirror_image(car: Layer) -> None:
    """The vehicle's dim reflection below its wheels."""
    rows = min(car.height - _WHEEL_ROW, _WHEEL_ROW)
    fade = np.linspace(0.34, 0.0, rows, dtype=np.float32)[:, None, None]
    colour = blur(car.colour[_WHEEL_ROW - rows : _WHEEL_ROW][::-1], 3, 0) * fade
    cover = blur(car.cover[_WHEEL_ROW - rows : _WHEEL_ROW][::-1], 3, 0) * fade
    below = np.s_[_WHEEL_ROW : _WHEEL_ROW + rows]
    car.colour[below] += colour * (1 - car.cover[below])
    car.cover[below] += cover * (1 - car.cover[below])


def _bus(scale: float) -> Layer:
    bus = Layer.empty(_CAR_WIDTH, _CAR_HEIGHT)

    def at(x: float, y: float) -> tuple[float, float]:
        return 10 + x * scale, _WHEEL_ROW + y * scale

    paint: Colour = (0.10, 0.36, 0.52)
    bus.ellipse(at(150, 0), 156 * scale, 7 * scale, (0.01, 0.01, 0.03), 0.75)
    bus.rectangle(*at(2, -126), *at(300, -10), paint, 1, 9)
    bus.rectangle(*at(2, -44), *at(300, -10), (0.82, 0.83, 0.85), 1, 5)
    bus.rectangle(*at(2, -50), *at(300, -44), (0.95, 0.62, 0.16))
    bus.rectangle(*at(10, -112), *at(258, -60), (1.0, 0.90, 0.68), 1, 4)
    for pillar in (52, 94, 136, 178, 220):
        bus.line([at(pillar, -112), at(pillar, -60)], 3 * scale, lighter(paint, 0.6))
    for seat in (30, 72, 114, 200, 240):
        bus.ellipse(at(seat, -76), 6.5 * scale, 7.5 * scale, (0.16, 0.12, 0.13))
        bus.rectangle(*at(seat - 10, -70), *at(seat + 10, -60), (0.20, 0.18, 0.24), 1, 4)
    bus.rectangle(*at(264, -112), *at(297, -54), (0.24, 0.29, 0.40), 1, 4)
    bus.ellipse(at(278, -74), 6.5 * scale, 7.5 * scale, (0.08, 0.08, 0.11))
    bus.rectangle(*at(142, -106), *at(176, -14), (0.88, 0.80, 0.62), 0.5, 2)
    bus.line([at(159, -106), at(159, -14)], 2 * scale, lighter(paint, 0.5))
    bus.rectangle(*at(6, -131), *at(296, -124), SNOW, 0.92, 3)
    for wheel in (52, 246):
        _wheel(bus, at(wheel, -13), scale * 1.15)
    _lights(bus, at(298, -24), at(4, -30), scale)
    _mirror_image(bus)
    return bus


_STRIDE_FRAMES = 25  # pictures of one whole step cycle; divides the loop


def walkers() -> tuple[list[Mover], list[Mover]]:
    """Those on the far pavement, and those close by; twins follow each other so that the loop closes."""
    far = [
        *_pair(Figure((0.50, 0.14, 0.13), (0.10, 0.10, 0.15), 0.62), 120, 1.55, 506),
        *_pair(Figure((0.20, 0.34, 0.36), (0.14, 0.12, 0.12), 0.60, hat=(0.75, 0.70, 0.25)), 830, -1.35, 510),
        *_pair(
            Figure((0.30, 0.24, 0.42), (0.09, 0.10, 0.16), 0.64, umbrella=(0.70, 0.26, 0.24)), 560, 1.25, 511
        ),
        *_pair(Figure((0.46, 0.36, 0.22), (0.16, 0.13, 0.11), 0.42, hat=(0.62, 0.20, 0.22)), 590, 1.25, 512),
    ]
    near = [
        *_pair(
            Figure((0.13, 0.19, 0.33), (0.07, 0.07, 0.11), 1.16, umbrella=(0.86, 0.62, 0.18)), 240, 2.9, 676
        ),
        *_pair(Figure((0.47, 0.20, 0.15), (0.11, 0.10, 0.13), 1.10, hat=(0.80, 0.78, 0.74)), 905, -2.75, 694),
        *_pair(
            Figure((0.22, 0.27, 0.21), (0.10, 0.09, 0.09), 1.20, scarf=(0.72, 0.18, 0.16)), 620, 3.15, 702
        ),
        *_pair(
            Figure((0.36, 0.31, 0.36), (0.08, 0.08, 0.12), 1.12, umbrella=(0.22, 0.46, 0.52)), 1400, -2.6, 684
        ),
    ]
    return far, near


@dataclass(frozen=True, slots=True)
class Figure:
    coat: Colour
    trousers: Colour
    scale: float  # 1: 80 pixels tall
    hat: Colour | None = None
    umbrella: Colour | None = None
    scarf: Colour | None = None


def _pair(figure: Figure, start: float, step: float, feet: int) -> list[Mover]:
    """The figure and its twins, one loop's way apart, as many as fit across the picture."""
    phases = [_figure(figure, phase / _STRIDE_FRAMES) for phase in range(_STRIDE_FRAMES)]
    sprites = tuple(Sprite(layer if step > 0 else layer.mirrored()) for layer in phases)
    way = abs(step) * LOOP_FRAMES
    count = int((WIDTH + MARGIN) // way) + 1
    y = feet - round(_FIGURE_GROUND * figure.scale)
    return [Mover(sprites, start + twin * way, step, way * count, y) for twin in range(count)]


_FIGURE_GROUND = 112  # unscaled row of a figure's sprite on which the feet stand
_FIGURE_WIDTH, _FIGURE_HEIGHT = 84, 126


def _figure(figure: Figure, phase: float) -> Layer:
    """One instant of a walk to the right; ``phase`` from 0 to 1 is a whole cycle of two steps."""
    scale = figure.scale
    layer = Layer.empty(round(_FIGURE_WIDTH * scale), round(_FIGURE_HEIGHT * scale))
    bob = -abs(sin(2 * pi * phase)) * 1.6

    def at(x: float, y: float) -> tuple[float, float]:
        return (42 + x) * scale, (_FIGURE_GROUND + y) * scale

    layer.ellipse(at(0, 1), 19 * scale, 3.6 * scale, (0.01, 0.01, 0.03), 0.5)
    hip = (0.0, -38 + bob)
    legs = [_leg(hip, phase + offset) for offset in (0.5, 0.0)]
    arms = [_arm((0.5, -62 + bob), phase + offset) for offset in (0.0, 0.5)]
    dark = lighter(figure.coat, 0.68)
    layer.taper([at(*p) for p in arms[0]], [w * scale for w in (7.5, 6.5, 5)], dark)
    for leg, tone in zip(legs, (0.7, 1.0), strict=True):
        layer.taper(
            [at(*p) for p in leg[:3]], [w * scale for w in (10.5, 8, 6)], lighter(figure.trousers, tone)
        )
        layer.taper([at(*p) for p in leg[2:]], [6 * scale, 5 * scale], (0.05, 0.04, 0.05))
    layer.taper(
        [at(0.6, -64 + bob), at(0, -50 + bob), at(-0.5, -32 + bob)],
        [w * scale for w in (13, 15.5, 18)],
        figure.coat,
    )
    layer.line([at(-5, -64 + bob), at(-6.4, -36 + bob)], 2 * scale, lighter(figure.coat, 1.6), 0.5)
    if figure.umbrella is None:
        layer.taper([at(*p) for p in arms[1]], [w * scale for w in (7.5, 6.5, 5)], lighter(figure.coat, 1.18))
    _head(layer, figure, at, bob)
    return layer


def _leg(hip: tuple[float, float], phase: float) -> list[tuple[float, float]]:
    """Hip, knee, ankle and toe: the thigh swings, the knee bends while the foot is in the air."""
    swing = 0.44 * sin(2 * pi * phase)
    bend = 0.16 + 0.62 * max(0.0, cos(2 * pi * phase)) ** 1.5
    knee = (hip[0] + 18 * sin(swing), hip[1] + 18 * cos(swing))
    shin = swing - bend
    ankle = (knee[0] + 18 * sin(shin), knee[1] + 18 * cos(shin))
    return [hip, knee, ankle, (ankle[0] + 6.4 * cos(shin), ankle[1] + 1.4 - 5 * sin(shin))]


def _arm(shoulder: tuple[float, float], phase: float) -> list[tuple[float, float]]:
    swing = 0.46 * sin(2 * pi * phase)
    elbow = (shoulder[0] + 13 * sin(swing), shoulder[1] + 13 * cos(swing))
    fore = swing + 0.40
    return [shoulder, elbow, (elbow[0] + 11 * sin(fore), elbow[1] + 11 * cos(fore))]


def _head(layer: Layer, figure: Figure, at: Placement, bob: float) -> None:
    scale = figure.scale
    skin, hair = (0.62, 0.45, 0.36), (0.09, 0.06, 0.06)
    layer.ellipse(at(1.5, -77 + bob), 6.4 * scale, 7.4 * scale, skin)
    layer.ellipse(at(-0.6, -79 + bob), 6.6 * scale, 6.6 * scale, hair)
    layer.ellipse(at(4.4, -75.5 + bob), 3.6 * scale, 4.6 * scale, skin)
    if figure.hat:
        layer.ellipse(at(0.2, -81.5 + bob), 7.4 * scale, 5.6 * scale, figure.hat)
        layer.line([at(-6.4, -79.5 + bob), at(7.4, -79.5 + bob)], 3 * scale, lighter(figure.hat, 0.8))
        layer.ellipse(at(0.2, -88 + bob), 2.4 * scale, 2.4 * scale, lighter(figure.hat, 1.2))
    if figure.scarf:
        layer.line([at(-4, -68 + bob), at(5, -67.5 + bob)], 6 * scale, figure.scarf)
        layer.line([at(-4, -67 + bob), at(-14, -61 + bob)], 4 * scale, figure.scarf)
    if figure.umbrella:
        _umbrella(layer, figure, at, bob)


def _umbrella(layer: Layer, figure: Figure, at: Placement, bob: float) -> None:
    assert figure.umbrella is not None
    scale = figure.scale
    layer.line([at(9, -54 + bob), at(9, -100 + bob)], 1.8 * scale, (0.10, 0.10, 0.12))
    layer.taper(
        [at(0.5, -62 + bob), at(5, -52 + bob), at(9.5, -57 + bob)],
        [w * scale for w in (7.5, 6.5, 5)],
        lighter(figure.coat, 1.18),
    )
    rim = [(9 + 29 * cos(a), -90 - 20 * sin(a)) for a in np.linspace(0, pi, 15)]
    layer.polygon([at(x, y + bob) for x, y in rim], figure.umbrella)
    shade = [(9 + 29 * cos(a), -90 - 20 * sin(a)) for a in np.linspace(pi * 0.62, pi, 7)]
    layer.polygon([at(x, y + bob) for x, y in [*shade, (2, -90)]], lighter(figure.umbrella, 0.72))
    for rib in (-8, 9, 24):
        layer.line([at(9, -110 + bob), at(rib, -90 + bob)], 0.9 * scale, lighter(figure.umbrella, 0.6), 0.8)
    crown = [(9 + 22 * cos(a), -95 - 16.5 * sin(a)) for a in np.linspace(pi * 0.22, pi * 0.78, 7)]
    layer.line([at(x, y + bob) for x, y in crown], 2.6 * scale, SNOW, 0.8)
    layer.line([at(9, -110 + bob), at(9, -112.5 + bob)], 1.8 * scale, (0.10, 0.10, 0.12))


class Snow:
    """Flakes of three sizes; each falls a whole number of picture heights in a loop."""

    def __init__(self) -> None:
        random = np.random.default_rng(1)
        self._layers = [
            self._flakes(random, count, falls, size, strength)
            for count, falls, size, strength in ((420, 2, 0.8, 0.42), (230, 3, 1.3, 0.62), (80, 5, 2.1, 0.72))
        ]

    @staticmethod
    def _flakes(
        random: np.random.Generator, count: int, falls: int, size: float, strength: float
    ) -> "_Flakes":
        reach = int(np.ceil(size + 1))
        y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        kernel = np.clip(size + 0.6 - np.hypot(x, y), 0, 1) * strength
        keep = kernel > 0
        return _Flakes(
            random.uniform(0, WIDTH, count),
            random.uniform(0, HEIGHT, count),
            random.uniform(0, 2 * pi, count),
            random.uniform(6, 20, count),
            falls,
            x[keep],
            y[keep],
            kernel[keep].astype(np.float32)[None, :, None],
        )

    def draw(self, picture: NDArray[np.uint8], number: int) -> None:
        part = number / LOOP_FRAMES
        for flakes in self._layers:
            y = (flakes.y + part * flakes.falls * HEIGHT) % HEIGHT
            x = (flakes.x - part * WIDTH + flakes.sway * np.sin(2 * pi * 4 * part + flakes.phase)) % WIDTH
            rows = (y.astype(int)[:, None] + flakes.dy) % HEIGHT
            columns = (x.astype(int)[:, None] + flakes.dx) % WIDTH
            below = picture[rows, columns].astype(np.float32)
            picture[rows, columns] = (below + (np.float32(245) - below) * flakes.kernel).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class _Flakes:
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    phase: NDArray[np.float64]
    sway: NDArray[np.float64]
    falls: int
    dx: NDArray[np.int64]
    dy: NDArray[np.int64]
    kernel: Array
