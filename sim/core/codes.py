"""Numbers that stand for something on both sides of the compiled functions: codes, and positions in shared arrays.

This file has no dependency but the standard library, so the compiled code and the rest of the program read the same
constants. Numba compiles each as a constant, and the digest that keys the cache of compiled code covers this file.
"""

from enum import IntEnum


class Purpose(IntEnum):
    """What a random number is for. It is part of the number's key, so two uses never share a number."""

    THRESHOLD = 1
    PLACE = 3
    COURSE = 4
    GAP = 6
    SPEED = 7
    DURATION = 8
    HOUR = 9
    CLASSIFY = 10
    DOCUMENT = 11
    WEATHER = 12
    DWELL = 13
    TRAITS = 14
    SERVICE = 15
    ABORT = 16
    INTERCEPT = 17
    CLOSURE = 18
    WATCH = 19
    REPORT = 20
    REPORT_PLACE = 21
    PASS = 22
    FALSE_REPORT = 23
    RELEASE = 24


# The kinds of detection laws: the first number of a law's row.
DEFINITE_RANGE, INVERSE_CUBE, SCAN, LATERAL_RANGE = range(4)

# Why `kernels.fly` returned: all legs are flown; a contact was made (or one left waiting came near); bingo fuel, the
# last moment to fly home; the array of legs as flown is full; the conditions change.
DONE, DETECTED, BINGO, FULL, CHANGE = range(5)

# Positions in the state of a flight (8,): hour, place in nmi, the leg now flown, rows used of the legs as flown and of
# the detections, 1 if the last row belongs to the leg now flown and will be extended, and the fuel burnt beyond that
# of transit, in hours of transit.
STATE_H, STATE_X, STATE_Y, STATE_LEG, STATE_ROWS, STATE_FOUND, STATE_CONTINUES, STATE_EXTRA_FUEL = range(8)

# Positions in the limits of the way home (5 + phases,): transit speed in knots, the latest landing by fuel and by the
# clock in hours, the wind of now in knots, and from HOME_BURN on the fuel flow of each phase as a share of transit's.
HOME_SPEED, HOME_BY_FUEL, HOME_BY_CLOCK, HOME_WIND_X, HOME_WIND_Y, HOME_BURN = range(6)

# Rows of the memory of a sortie, numbers (MEMORY_ROWS, sensors, vessels): the threshold of each opportunity, negative
# until it is drawn; the exposure so far; until when range has been falling; from SCRATCH on two rows for drafts.
THRESHOLD, EXPOSURE, RANGE_FELL, SCRATCH = range(4)
MEMORY_ROWS = 5

# Rows of the marks of a sortie (MARKS, vessels): is a contact; was left waiting; ever came within range.
SEEN, WAITING, MET = range(3)
MARKS = 3
