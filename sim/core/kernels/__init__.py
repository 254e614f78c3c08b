"""The compiled functions, which work on arrays and numbers; they are called as ``kernels.fly(...)``.

Import this package inside functions: loading Numba takes half a second. One digest of all files of this package, and
of `sim.core.codes` and `sim.core.records`, keys the cache of compiled code on disk, so these files import nothing else
of ours. No fast-math
and no parallel loops are used: the same lock file, platform and CPU type give the same bits.

* `cache`: where compiled code is kept, and how it is read back.
* `compiling`: how functions are compiled.
* `random_numbers`: random numbers by key, identities, and a Poisson process.
* `random_courses`: voyages of background ships on random courses.
* `lanes`: voyages of background ships along a lane.
* `fleets`: boats of a fleet at work in a sea area, and their ways to a port.
* `recorded`: recorded AIS messages as tracks of straight segments.
* `exposures`: exposure of one target to one sensor along a straight relative motion.
* `zones`: which straight lines no-go zones block, and which corners are visible.
* `winds`: flight through moving air: hours, headings and ground speeds.
* `fuel`: the way home and bingo fuel.
* `flying`: the flight along legs to the next decision.
* `rendezvous`: when and where an aircraft can meet ships, and what a meeting is worth.
* `contacts`: what a crew knows of contacts, and which are worth an investigation.
* `choices`: the choice of a contact.
* `pursuits`: the way to a contact and the time beside it.
* `crew`: a crew at work: the flight along a route, task after task.
* `contact_counts`: the number of vessels that an aircraft's sorties detect.
* `coverage_pieces`: the exposure of a pass as straight pieces.
* `coverage_field`: the probability that a transfer at a place is detected.
* `start_hours`: the same by the hour at which it begins.
* `unseen`: the expected number of pairs alongside at one hour that nobody has detected.
* `hour_exposures`: the exposure of places in spells of time, and what a flight is expected to find.

Plane coordinates are nautical miles, times are hours since the scenario's start, speeds are knots. Layouts of arrays
that several functions share:

* ``segments`` (n, 6): the straight segments of vessels' motion, ``t0, t1, x0, y0, vx, vy``, sorted by ``t0``;
  ``owner`` (n,): the number of the vessel of each; ``reach`` (n,): the running maximum of ``t1``. See
  `sim.core.motion.Motion`.
* ``legs`` (n, 6): legs to fly, with the columns of `sim.core.codes.LEG_X`.
* ``flown`` (n, 7): legs as flown, with the columns of `sim.core.codes.FLOWN_BEGIN`.
* ``laws`` (rows, 6): detection laws: kind code, maximum range, two parameters of the kind, the factor by which
  conditions stretch every length of the law, and the number of its table (see `sim.model.laws`). The row of sensor k
  for a vessel of class c is c * sensors + k.
"""

from sim.core.kernels.contact_counts import BLOCK, count_contacts
from sim.core.kernels.contacts import judge_again
from sim.core.kernels.coverage_field import coverage
from sim.core.kernels.coverage_pieces import lay_pieces
from sim.core.kernels.crew import fly_crew
from sim.core.kernels.exposures import exposure
from sim.core.kernels.fleets import first_corners, work
from sim.core.kernels.flying import fly
from sim.core.kernels.fuel import way_home
from sim.core.kernels.hour_exposures import expected_finds, spell_exposures
from sim.core.kernels.lanes import lane_lengths, lane_voyages
from sim.core.kernels.random_courses import voyages
from sim.core.kernels.random_numbers import arrivals, entities, fill_uniforms, mix, mix_each, philox, uniform_of
from sim.core.kernels.recorded import separate, thin
from sim.core.kernels.rendezvous import rendezvous_with
from sim.core.kernels.start_hours import start_hours
from sim.core.kernels.unseen import unseen
from sim.core.kernels.winds import steer, track
from sim.core.kernels.zones import blocked, seen_from

__all__ = [
    "BLOCK",
    "arrivals",
    "blocked",
    "count_contacts",
    "coverage",
    "entities",
    "expected_finds",
    "exposure",
    "fill_uniforms",
    "first_corners",
    "fly",
    "fly_crew",
    "judge_again",
    "lane_lengths",
    "lane_voyages",
    "lay_pieces",
    "mix",
    "mix_each",
    "philox",
    "rendezvous_with",
    "seen_from",
    "separate",
    "spell_exposures",
    "start_hours",
    "steer",
    "thin",
    "track",
    "uniform_of",
    "unseen",
    "voyages",
    "way_home",
    "work",
]
