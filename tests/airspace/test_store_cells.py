from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from airspace.model.geodesy import geodesic_m
from airspace.store.cells import NO_CELL, cell_of, centre_of


@given(
    st.lists(
        st.tuples(st.floats(-90, 90, allow_nan=False), st.floats(-180, 180, allow_nan=False)), min_size=1, max_size=20
    )
)
def test_a_position_lies_within_its_cell_and_a_centre_reads_back(places: list[tuple[float, float]]) -> None:
    latitude, longitude = np.array(places).T
    cell = cell_of(latitude, longitude)
    middle_latitude, middle_longitude = centre_of(cell)
    assert (np.abs(latitude - middle_latitude) <= 0.0045 / 2 + 1e-9).all()
    assert np.array_equal(cell_of(middle_latitude, middle_longitude), cell)


def test_cells_over_amsterdam_are_about_500_m_wide_and_high() -> None:
    latitude, longitude = centre_of(cell_of(np.array([52.314]), np.array([4.942])))
    cell = cell_of(latitude, longitude)
    east = centre_of(cell + 1)
    north = centre_of(cell_of(latitude + 0.0045, longitude))
    assert 499.0 < geodesic_m(latitude, longitude, *east)[0] < 502.0
    assert abs(north[0][0] - latitude[0] - 0.0045) < 1e-9


def test_unknown_and_impossible_positions_have_no_cell() -> None:
    latitude = np.array([np.nan, 52.0, 91.0, 52.0, 90.0, -90.0])
    longitude = np.array([4.9, np.nan, 4.9, 181.0, 180.0, -180.0])
    cell = cell_of(latitude, longitude)
    assert (cell == NO_CELL).tolist() == [True, True, True, True, False, False]
    assert np.isnan(centre_of(cell)[0][:4]).all()
