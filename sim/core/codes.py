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
    TAKEOFF_LOT = 25
    ROUTE_LOT = 26
    NOTICE = 28
    ANSWER = 29
    ANSWER_DELAY = 30
    LIE_LOW = 31
    AGAIN_PLACE = 32
    LEARNS = 33
    CHOSEN_PLACE = 34
    LEVEL = 35
    SEASON = 36
    LANE_PLACE = 37
    LANE_PHASE = 38
    LANE_JITTER = 39
    STAY = 41
    STAY_LEVEL = 42
    WORK = 43
    TELL_LAWFUL = 47
    PAIR_WAY = 48
    PARTNER_DARK = 53
    AIS_PASS = 54
    AIS_HEARD = 55
    CHAIN = 49
    CHAIN_PLACE = 50
    RECORDED_DAY = 59
    RECORDED_LOOK = 60
    FALSE_CLAIM = 61


# The kinds of detection laws: the first number of a law's row.
DEFINITE_RANGE, INVERSE_CUBE, SCAN, LATERAL_RANGE = range(4)

# Why a compiled flight returned: all legs are flown; a contact was made (or one left waiting came near); bingo fuel,
# the last moment to fly home; an array is full; the conditions change.
DONE, DETECTED, BINGO, FULL, CHANGE = range(5)
# Others must act first, up to the hour of the flight; the crew is back on its route after an investigation.
CATCH_UP, BACK = range(5, 7)
# A question that only the outside can answer: the ways to the contacts that wait, or to one of them, round no-go zones;
# whether the aircraft may stay beside it; the way back to the route; whether a transfer was classified or documented;
# whether the crew tells from afar that hulls side by side are no transfer.
ASK_WAYS, ASK_WAY, ASK_STAY, ASK_WAY_BACK, ASK_CLASSIFIED, ASK_DOCUMENTED, ASK_LAWFUL = range(7, 14)
GO_ON = -1  # within the compiled functions: nothing needs the caller

# What a crew is doing: the task of a flight.
ON_LEGS, BEGIN, CHOOSE, AIM, TO_CORNER, CORNER_CHANGED, APPROACH = range(7)
AIMED, THERE, BESIDE, STAY, STAY_CHANGED, LEAVE, GO_BACK, SETTLE = range(7, 15)
# How far a flight may run ahead of everybody else: to its end; until anybody else acts; not beyond the next contact or
# the next aim at one.
ALONE, IN_STEP, IN_SMALL_STEPS = range(3)
UNTRIED, FAILED, SUCCEEDED = -1, 0, 1  # whether a contact was classified, or told apart from a transfer

# Columns of legs to fly (n, 6): the place of the end, the airspeed, or, above 0, the hours that the leg takes, its
# phase, and the number of its pass. A leg has either a speed or hours.
LEG_X, LEG_Y, LEG_SPEED, LEG_HOURS, LEG_PHASE, LEG_PASS = range(6)
LEG_COLUMNS = 6
# Columns of legs as flown (n, 7).
FLOWN_BEGIN, FLOWN_END, FLOWN_X0, FLOWN_Y0, FLOWN_X1, FLOWN_Y1, FLOWN_PHASE = range(7)
FLOWN_COLUMNS = 7

# Columns of the ways to the contacts that wait (m, 12): the numbers of `sim.core.motion.Rendezvous` but the last, and
# what the meeting is worth.
WAY_H, WAY_X, WAY_Y, WAY_TURN_H, WAY_END_H, WAY_RANGE, WAY_VX, WAY_VY = range(8)
WORTH = 11
WAY_COLUMNS = 12

# The phases of a flight: the phase of a leg, and the fuel flow of each among the limits below.
PHASES = ("transit", "search", "divert", "identify", "rejoin", "return", "hold")
TRANSIT, SEARCH, DIVERT, IDENTIFY, REJOIN, RETURN, HOLD = range(7)

# What a compiled flight reports, and the columns of its events (n, 6). The detail is the number of the sensor of a
# detection, and the features that led to a contact for which the crew leaves its route.
KERNEL_EVENTS = ("detected", "diverted", "not_classified", "identified", "lost")
EVENT_DETECTED, EVENT_DIVERTED, EVENT_NOT_CLASSIFIED, EVENT_IDENTIFIED, EVENT_LOST = range(5)
EVENT_H, EVENT_CODE, EVENT_TARGET, EVENT_X, EVENT_Y, EVENT_DETAIL = range(6)
EVENT_COLUMNS = 6

# What a vessel is, or what a crew knows of it: a set of traits or features is an integer, one bit for each. Dark always
# means without AIS.
DARK, SPOOFING, STATIONARY, ALONGSIDE, LISTED, WATCHED, SUSPICIOUS, NEAR_TIP = (1 << bit for bit in range(8))

STATIONARY_KN = 2.0
"""A vessel that is slower than this is stationary: the speed by which Global Fishing Watch tells who loiters."""

# How far a transfer came on the ladder in a sortie, see `sim.deployment.ladder`: the larger, the more steps succeeded.
NO_ONE_THERE, NOT_DETECTED, NOT_CHOSEN, LEFT, DARKNESS, NOT_CLASSIFIED = range(6)
CLASSIFIED_LEFT, CLASSIFIED_DARKNESS, NOT_DOCUMENTED, DOCUMENTED = range(6, 10)

ROUNDING_H = 1e-9
"""How much later than its limits a landing may seem when a decision is examined again, in hours.

A decision is taken without this allowance. The same landing, computed again from a later point of the way, differs by
rounding: by less than 1e-12 hours in flights of random fleets, through winds that change and round zones. The allowance
keeps that rounding from undoing the decision. It is worth some microseconds of flight, far less than any reserve.
"""

# Positions in the limits of the way home (5 + phases,): transit speed in knots, the latest landing by fuel and by the
# clock in hours, the wind of now in knots, and from HOME_BURN on the fuel flow of each phase as a share of transit's.
HOME_SPEED, HOME_BY_FUEL, HOME_BY_CLOCK, HOME_WIND_X, HOME_WIND_Y, HOME_BURN = range(6)

# Rows of the memory of a sortie, numbers (MEMORY_ROWS, sensors, vessels): the threshold of each opportunity, negative
# until it is drawn; the exposure so far; until when range has been falling; from SCRATCH on two rows for drafts.
THRESHOLD, EXPOSURE, RANGE_FELL, SCRATCH = range(4)
MEMORY_ROWS = 5

# Rows of the marks of a sortie (MARKS, vessels): is a contact; waits for an investigation; ever came within range; was
# worth an investigation when detected, before the end of the deployment; is not worth one, but a tip may change that.
SEEN, WAITING, MET, WORTHWHILE, SET_ASIDE = range(5)
MARKS = 5
