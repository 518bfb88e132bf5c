"""A drawn street at dusk in light snow: cars, walking figures, lit windows, a running clock.

The footage of simulated cameras where no real one is at hand, and of every screenshot: nobody in it exists.
The scene repeats without a seam after ``LOOP_SECONDS``: everything that moves is, at the end, where it or its
twin was at the start. Everything is drawn from fixed seeds, so two machines draw the same street.
"""

import numpy as np
from numpy.typing import NDArray

from bingjian.simulate.lettering import letters
from bingjian.simulate.painting import Layer
from bingjian.simulate.scenery import flickering_windows, front_layer, standing_scene
from bingjian.simulate.stage import FRAME_RATE, HEIGHT, LOOP_FRAMES, WIDTH, Sprite, as_bytes
from bingjian.simulate.traffic import Snow, cars, walkers


class Street:
    """Draws any picture of the loop. The standing parts take about a second, a picture then about 9 ms."""

    def __init__(self) -> None:
        scene = standing_scene()
        self._ground = as_bytes(scene.colour)
        self._flicker = flickering_windows(scene)
        self._front = Sprite(front_layer())
        self._cars = cars()
        self._walkers = walkers()
        self._snow = Snow()
        self._caption = Sprite(_caption())
        self._digits = {character: Sprite(_digit(character)) for character in "0123456789:."}

    def picture(self, number: int) -> NDArray[np.uint8]:
        """Picture ``number`` (modulo the loop) as RGB, shape (720, 1280, 3)."""
        number %= LOOP_FRAMES
        picture = self._ground.copy()
        for window in self._flicker:
            window.draw(picture, number)
        for walker in self._walkers[0]:
            walker.draw(picture, number)
        for car in self._cars:
            car.draw(picture, number)
        for walker in self._walkers[1]:
            walker.draw(picture, number)
        self._front.draw(picture, 0, 0)
        self._snow.draw(picture, number)
        self._overlay(picture, number)
        return picture

    def _overlay(self, picture: NDArray[np.uint8], number: int) -> None:
        """What cameras write into their pictures: time (it runs with the loop) and name."""
        seconds, frame = divmod(number, FRAME_RATE)
        clock = f"18:30:{seconds:02d}.{frame * 10 // FRAME_RATE}"
        for place, character in enumerate(clock):
            self._digits[character].draw(picture, 28 + place * 20, 24)
        self._caption.draw(picture, WIDTH - self._caption.width - 28, HEIGHT - 48)


def _caption() -> Layer:
    text, height = "SIMULATED CAMERA", 17.0
    layer = Layer.empty(round(len(text) * 5.6 * height / 6) + 8, 30)
    letters(layer, (5, 6), text, height, (0.0, 0.0, 0.0), 5.2, 0.55)
    letters(layer, (5, 6), text, height, (0.97, 0.97, 0.97), 2.3)
    return layer


def _digit(character: str) -> Layer:
    layer = Layer.empty(24, 32)
    letters(layer, (4, 5), character, 20, (0.0, 0.0, 0.0), 5.6, 0.55)
    letters(layer, (4, 5), character, 20, (0.97, 0.97, 0.97), 2.6)
    return layer
