import numpy as np

from api.shapes import as_activation


def test_an_activation_map_is_stretched_from_0_to_1_row_by_row():
    shown = as_activation(np.array([[1.0, 3.0, 2.0], [5.0, 1.0, 1.0]]))
    assert (shown.rows, shown.columns) == (2, 3)
    assert shown.values == [0, 0.5, 0.25, 1, 0, 0]


def test_a_flat_activation_map_shows_nowhere():
    assert as_activation(np.full((2, 2), 7.0)).values == [0, 0, 0, 0]
