"""Numbers and the plane: what everything else computes with. Nothing here knows what a scenario is.

* `arrays`: names for the types of arrays: numbers, whole numbers, flags, identities.
* `codes`: codes and positions in arrays that the compiled functions share with the rest.
* `units`: constants of units, each with its source.
* `kernels`: the compiled inner loops: chance, traffic, exposure, the flight to the next decision, coverage.
* `chance`: random numbers by key: (seed, replication, purpose, entity) gives the number.
* `fields`: what a key of a scenario may hold: strict numbers with bounds, and random quantities.
* `kinds`: parts of a scenario that come in several kinds: their registry, from which the schema is built.
* `quadrature`: integrals by panels of Gauss-Legendre nodes.
* `geo`: the plane of a theatre, its land and its polygons; true courses and grid courses.
* `motion`: the piecewise straight motion of many vessels, as arrays.
* `turns`: from one track of a pattern to the next: turns of a given radius.
* `legs`: the geometry of search patterns: sweeps, squares, sectors.
* `airspace`: no-go zones and the shortest ways round them.
"""
