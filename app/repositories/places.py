"""Finding what is near a place: by a box first, which an index can serve, then exactly.

The index is one of GiST on `point(longitude, latitude)`. What has no place is near nothing.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Double, and_, bindparam, cast, func, or_

from app.domain.places import EARTH_KM

LATITUDE: Final = bindparam("latitude", type_=Double)
LONGITUDE: Final = bindparam("longitude", type_=Double)


def kilometres(latitude: Any, longitude: Any) -> ColumnElement[float]:
    """Return how far away it is, along the surface (the haversine formula)."""
    north, east = func.radians(latitude - LATITUDE), func.radians(longitude - LONGITUDE)
    shrinks = func.cos(func.radians(LATITUDE)) * func.cos(func.radians(latitude))
    half = func.power(func.sin(north / 2), 2) + shrinks * func.power(func.sin(east / 2), 2)
    found = 2 * EARTH_KM * func.asin(func.sqrt(func.least(1.0, half)))
    return cast(found, Double)


def within(latitude: Any, longitude: Any) -> ColumnElement[bool]:
    """Tell whether it is no farther away than `radius_km`; `around` gives the boxes."""
    here = func.point(longitude, latitude)
    boxes = or_(
        here.bool_op("<@")(_box("west", "east")),
        here.bool_op("<@")(_box("other_west", "other_east")),
    )
    return and_(boxes, kilometres(latitude, longitude) <= bindparam("radius_km", type_=Double))


def _box(west: str, east: str) -> Any:
    def corner(longitude: str, latitude: str) -> Any:
        return func.point(bindparam(longitude, type_=Double), bindparam(latitude, type_=Double))

    return func.box(corner(west, "south"), corner(east, "north"))
