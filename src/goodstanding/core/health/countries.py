"""Where countries are, so that nobody signs in from two of them at once: centre, and how far from it one can still be inside.

Latitude and longitude in whole degrees are the "geographic coordinates" of The World Factbook (CIA; public domain). `reach` in km is this
project's own, rounded up from the country's extent (overseas parts left out); it is subtracted from distances, so that two sign-ins on either
side of a border are never far apart.
"""

from math import asin, cos, radians, sin, sqrt
from typing import NamedTuple

EARTH_RADIUS_KM = 6371


class Place(NamedTuple):
    """A country's centre in degrees (north and east positive) and its reach in km."""

    latitude: int
    longitude: int
    reach: int


_TABLE = """
AE 24 54 400|AR -34 -64 2100|AT 47 13 400|AU -27 133 2300|BD 24 90 450|BE 51 4 200|BG 43 25 350|BR -10 -55 2700|BY 53 28 400|CA 60 -95 3300|CH 47 8 250
CL -30 -71 2900|CN 35 105 3000|CO 4 -72 1100|CZ 50 15 350|DE 51 9 550|DK 56 10 350|EC -2 -78 600|EE 59 26 250|EG 27 30 800|ES 40 -4 800|FI 64 26 750
FR 46 2 750|GB 54 -2 750|GH 8 -2 450|GR 39 22 500|HK 22 114 60|HR 45 16 350|HU 47 20 350|ID -5 120 2900|IE 53 -8 300|IL 31 35 300|IN 20 77 2000
IS 65 -18 350|IT 43 13 800|JP 36 138 2000|KE 1 38 650|KR 37 128 400|KZ 48 68 1700|LT 56 24 250|LU 50 6 60|LV 57 25 300|MA 32 -5 1000|MX 23 -102 1900
MY 3 113 1500|NG 10 8 900|NL 52 6 250|NO 62 10 1600|NZ -41 174 1200|PE -10 -76 1300|PH 13 122 1100|PK 30 70 1100|PL 52 20 500|PT 40 -8 400|RO 46 25 450
RS 44 21 300|RU 60 100 4800|SA 25 45 1300|SE 62 15 1000|SG 1 104 50|SI 46 15 200|SK 49 20 300|TH 15 100 1100|TR 39 35 950|TW 24 121 300|UA 49 32 800
US 38 -97 2900|VE 8 -66 950|VN 16 108 1100|ZA -29 24 1100
"""

PLACES: dict[str, Place] = {
    code: Place(*map(int, numbers)) for entry in _TABLE.replace("\n", "|").split("|") if entry for code, *numbers in [entry.split()]
}
"""Place by ISO 3166-1 alpha-2 code. A country that is not here is never judged."""


def kilometres_between(one: str, other: str) -> int | None:
    """The least distance between any two places of two countries, as far as the table can tell; None where it lacks one of them."""
    a, b = PLACES.get(one), PLACES.get(other)
    if a is None or b is None:
        return None
    north, east = radians(b.latitude - a.latitude) / 2, radians(b.longitude - a.longitude) / 2
    chord = sin(north) ** 2 + cos(radians(a.latitude)) * cos(radians(b.latitude)) * sin(east) ** 2
    return max(0, int(2 * EARTH_RADIUS_KM * asin(sqrt(chord))) - a.reach - b.reach)
