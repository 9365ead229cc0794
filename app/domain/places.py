"""Where something is on Earth, and what is near it."""

from dataclasses import dataclass
from math import asin, cos, degrees, radians, sin
from typing import Final

EARTH_KM: Final = 6371.0088  # the mean radius
NEAR_KM: Final = 25.0
FARTHEST_KM: Final = 500.0
SLACK: Final = 1e-9  # radians, a few millimetres: a box may hold too much, never too little


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Boxes in degrees that hold all that is near, and more: two where they meet at 180 degrees.

    Else the second one is the first once more.
    """

    south: float
    north: float
    west: float
    east: float
    other_west: float
    other_east: float


def around(latitude: float, longitude: float, radius_km: float) -> Surroundings:
    """Return the boxes that hold every place within so many kilometres."""
    angle = radius_km / EARTH_KM + SLACK
    south, north = latitude - degrees(angle), latitude + degrees(angle)
    if south <= -90 or north >= 90:  # a pole is near, and every meridian meets there
        return Surroundings(max(south, -90), min(north, 90), -180, 180, -180, 180)
    width = degrees(asin(sin(angle) / cos(radians(latitude))) + SLACK)
    west, east = longitude - width, longitude + width
    if west < -180:
        return Surroundings(south, north, -180, east, west + 360, 180)
    if east > 180:
        return Surroundings(south, north, west, 180, -180, east - 360)
    return Surroundings(south, north, west, east, west, east)
