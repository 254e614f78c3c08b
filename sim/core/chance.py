"""Chance: (seed, replication) makes a key; (key, purpose, entity, counter) makes a number.

Nothing is drawn in sequence, so nothing depends on the order of use: two scenarios that differ in a route meet the
same ships, the same transfers and the same luck (common random numbers).
"""

from functools import lru_cache
from hashlib import blake2b

import numpy as np

from sim.core.arrays import Entities, Floats
from sim.core.codes import Purpose


def replication_key(seed: int, replication: int) -> Entities:
    """Return the 128-bit key of one replication, (2,) uint64."""
    return np.random.SeedSequence(seed, spawn_key=(replication,)).generate_state(2, np.uint64).astype(np.uint64)


@lru_cache(maxsize=4096)
def identity(*names: str) -> np.uint64:
    """Return the 64-bit identity of a name such as ("background", "merchant").

    It is the same on every machine and in every process, as Python's own hash is not.
    """
    text = "\x1f".join(names).encode()
    return np.uint64(int.from_bytes(blake2b(text, digest_size=8).digest(), "little"))


def uniforms(key: Entities, purpose: Purpose, entities: Entities, counter: int = 0) -> Floats:
    """Return two independent uniforms in (0, 1) for each of n entities, (n, 2)."""
    from sim.core import kernels

    out = np.empty((entities.size, 2))
    kernels.fill_uniforms(key, np.uint64(purpose), entities, np.uint64(counter), out)
    return out


def uniform(key: Entities, purpose: Purpose, *parts: np.uint64) -> float:
    """Return one uniform in (0, 1) for an entity joined from parts, for example (vessel, sortie)."""
    from sim.core import kernels

    return float(kernels.uniform_of(key, np.uint64(purpose), np.array(parts, np.uint64)))


def join(*parts: np.uint64) -> np.uint64:
    """Return one identity made from several; their order matters."""
    from sim.core import kernels

    whole = parts[0]
    for part in parts[1:]:
        whole = kernels.mix(whole, part)
    return np.uint64(whole)


def join_each(entities: Entities, part: np.uint64) -> Entities:
    """Return the `join` of each entity with a part, (n,)."""
    from sim.core import kernels

    joined: Entities = kernels.mix_each(entities, part)
    return joined


def identities(source: np.uint64, count: int) -> Entities:
    """Return the identities of the ordinals 0 to count - 1 of a source, (count,)."""
    from sim.core import kernels

    named: Entities = kernels.entities(source, 0, count)
    return named


def poisson_bound(mean: float) -> int:
    """Return a number that a Poisson number of this mean exceeds less than once in 1e30."""
    return int(mean + 12.0 * np.sqrt(mean) + 64.0)
