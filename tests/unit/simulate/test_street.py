"""The drawn street: right size, moving, and without a seam."""

import numpy as np
import pytest

from bingjian.simulate.painting import Layer
from bingjian.simulate.stage import HEIGHT, LOOP_FRAMES, WIDTH, Sprite
from bingjian.simulate.street import Street


@pytest.fixture(scope="module")
def street() -> Street:
    return Street()


def test_a_picture_has_the_size_of_a_camera(street: Street) -> None:
    picture = street.picture(0)
    assert picture.shape == (HEIGHT, WIDTH, 3)
    assert picture.dtype == np.uint8


def test_the_loop_has_no_seam(street: Street) -> None:
    assert np.array_equal(street.picture(LOOP_FRAMES), street.picture(0))
    step = np.abs(street.picture(1).astype(int) - street.picture(0)).mean()
    seam = np.abs(street.picture(0).astype(int) - street.picture(LOOP_FRAMES - 1)).mean()
    assert seam < 1.5 * step


def test_every_picture_differs_from_the_one_before(street: Street) -> None:
    assert all(
        not np.array_equal(street.picture(n), street.picture(n + 1)) for n in range(0, LOOP_FRAMES, 40)
    )


def test_two_machines_draw_the_same(street: Street) -> None:
    assert np.array_equal(Street().picture(123), street.picture(123))


@pytest.mark.parametrize("place", [(-500.0, 0), (5.5, -3), (WIDTH - 2.25, HEIGHT - 2), (0.0, HEIGHT + 5)])
def test_a_sprite_may_lie_outside(place: tuple[float, int]) -> None:
    layer = Layer.empty(20, 10)
    layer.rectangle(0, 0, 20, 10, (1.0, 1.0, 1.0))
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    Sprite(layer).draw(picture, *place)
    visible = -20 < place[0] < WIDTH and -10 < place[1] < HEIGHT
    assert picture.any() == visible
