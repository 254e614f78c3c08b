"""Recorded AIS messages as tracks: which belong together, and which of them a track of straight segments needs."""

import math

from sim.core.kernels.compiling import Array, inline, norm, on_demand

KEPT, DUPLICATE, JUMP = range(3)
"""What becomes of a message."""
_OPEN = 8  # tracks of one MMSI that are followed at the same time
_SLACK_NMI = 0.1  # an assumption: positions are rounded and wrong by up to this much, so slow ships seem to jump
_FEWEST, _LEAST_SHARE = 3, 0.05  # an assumption: fewer messages beside the main track are errors, not a second ship


@inline
def _east_nmi(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Distance to the east from one place to another, nmi, the short way round."""
    across = (lon1 - lon0 + 540.0) % 360.0 - 180.0
    return across * 60.0 * math.cos(math.radians(0.5 * (lat0 + lat1)))


@inline
def _distance_nmi(lon0: float, lat0: float, lon1: float, lat1: float) -> float:
    """Distance from one place to another, nmi, right for neighbours."""
    away: float = norm(_east_nmi(lon0, lat0, lon1, lat1), 60.0 * (lat1 - lat0))
    return away


@on_demand
def separate(
    mmsi: Array, time_s: Array, lon: Array, lat: Array, most_kn: float,
    fate: Array, track: Array, ship: Array,
) -> None:  # fmt: skip
    """Say of each message (n,), sorted by MMSI and time, what becomes of it, and to which track and ship it belongs.

    A message continues the nearest track of its MMSI that it can belong to without a speed above ``most_kn``, and else
    begins another. Tracks of few messages beside a longer one are jumps. Tracks of one MMSI that last at the same time
    belong to several ships: ``ship`` is 0 for the first, and ``track`` counts the tracks of all MMSI together.
    ``fate`` is one of the codes above.
    """
    last = [0] * _OPEN
    count = [0] * _OPEN
    first_s = [0] * _OPEN
    of_track = [0] * _OPEN
    until_s = [0] * _OPEN
    begin, tracks = 0, 0
    while begin < mmsi.size:
        end, open_now = begin, 0
        while end < mmsi.size and mmsi[end] == mmsi[begin]:
            best, best_nmi, is_twice = -1, math.inf, False
            for k in range(open_now):
                j = last[k]
                away = _distance_nmi(lon[j], lat[j], lon[end], lat[end])
                hours = (time_s[end] - time_s[j]) / 3600.0
                if away <= most_kn * hours + _SLACK_NMI and away < best_nmi:
                    best, best_nmi, is_twice = k, away, hours == 0.0
            fate[end] = KEPT
            if is_twice:
                fate[end] = DUPLICATE
            elif best < 0 and open_now == _OPEN:
                fate[end] = JUMP
            else:
                if best < 0:
                    best, open_now = open_now, open_now + 1
                    count[best], first_s[best] = 0, time_s[end]
                last[best], count[best], track[end] = end, count[best] + 1, best
            end += 1
        longest = 0
        for k in range(open_now):
            longest = max(longest, count[k])
        ships = 0
        for k in range(open_now):  # in the order of their beginnings
            of_track[k] = -1
            if count[k] == longest or (count[k] >= _FEWEST and count[k] >= _LEAST_SHARE * longest):
                own = 0
                while own < ships and until_s[own] > first_s[k]:
                    own += 1
                ships = max(ships, own + 1)
                until_s[own], of_track[k] = time_s[last[k]], own
        for i in range(begin, end):
            if fate[i] == KEPT:
                k = track[i]
                fate[i] = KEPT if of_track[k] >= 0 else JUMP
                ship[i], track[i] = of_track[k], tracks + k
        begin, tracks = end, tracks + open_now


@on_demand
def thin(
    track: Array, time_s: Array, lon: Array, lat: Array, gap_s: float, bound_nmi: float, most_nmi: float,
    is_corner: Array, begins: Array,
) -> None:  # fmt: skip
    """Choose the messages (n,), sorted by track and time, that are corners of straight segments at constant speed.

    At the time of each message between two corners, the segment lies within ``bound_nmi`` of the place that it tells.
    This is so because the velocity of the segment lies in the squares that fit into the circles of velocities allowed
    by each message. ``begins`` says where a piece begins: at a new track, and after more than ``gap_s`` seconds
    without a message. No segment is longer than ``most_nmi``.
    """
    half = bound_nmi / math.sqrt(2.0)
    west, east, south, north = -math.inf, math.inf, -math.inf, math.inf
    start = 0
    for i in range(track.size):
        is_new = i == 0 or track[i] != track[i - 1] or time_s[i] - time_s[i - 1] > gap_s
        if not is_new and abs(lon[i] - lon[i - 1]) > 180.0:
            is_new = True  # a straight segment cannot cross the line of the date
        begins[i] = is_new
        if is_new:
            if i > 0:
                is_corner[i - 1] = True
            is_corner[i], start = True, i
            west, east, south, north = -math.inf, math.inf, -math.inf, math.inf
            continue
        hours = (time_s[i] - time_s[start]) / 3600.0
        x = _east_nmi(lon[start], lat[start], lon[i], lat[i])
        y = 60.0 * (lat[i] - lat[start])
        vx, vy = x / hours, y / hours
        if not (west <= vx <= east and south <= vy <= north and norm(x, y) <= most_nmi) and i - 1 > start:
            start = i - 1
            is_corner[start] = True
            west, east, south, north = -math.inf, math.inf, -math.inf, math.inf
            hours = (time_s[i] - time_s[start]) / 3600.0
            x = _east_nmi(lon[start], lat[start], lon[i], lat[i])
            y = 60.0 * (lat[i] - lat[start])
            vx, vy = x / hours, y / hours
        allowed = half / hours
        west, east = max(west, vx - allowed), min(east, vx + allowed)
        south, north = max(south, vy - allowed), min(north, vy + allowed)
    if track.size:
        is_corner[track.size - 1] = True
