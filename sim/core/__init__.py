"""Numbers and the plane: what everything else computes with. Nothing here knows what a scenario is.

* `arrays`: names for the types of arrays: numbers, whole numbers, flags, identities.
* `records`: records that compiled functions and the rest share: the state of a flight, the rules of a crew.
* `codes`: codes and positions in arrays that the compiled functions share with the rest.
* `units`: constants of units, each with its source.
* `kernels`: the compiled functions: random numbers, traffic, exposure, the flight to the next decision, coverage.
* `chance`: random numbers by key: (seed, replication, purpose, entity) gives the number.
* `limits`: how large an input may be.
* `palette`: the colours of pictures and of map layers.
* `text`: text that users write: what it may hold, how it is shown, and cells of CSV files.
* `fields`: what a key of a scenario may hold: strict numbers with bounds, and random quantities.
* `meanings`: the meanings of keys, read from the source text of their classes when somebody asks.
* `kinds`: parts of a scenario that come in several kinds: their registry, from which the schema is built.
* `stretches`: random lengths of time: their mean, the stretches under way, and what is left of each.
* `quadrature`: integrals by panels of Gauss-Legendre nodes.
* `corridors`: the corridor of a lane: a strip of sea along a line, narrowed where land is near.
* `profiles`: numbers that change with time along straight lines and by steps, and who is present.
* `geo`: the map projection of a theatre, its land and its polygons; true courses and grid courses.
* `rings`: one form for each polygon, however its corners were written.
* `motion`: the motion of many vessels as straight segments in arrays.
* `turns`: from one search leg to the next: turns of a given radius, and paths round closed sea.
* `legs`: the geometry of search patterns: sweeps, squares, sectors.
* `airspace`: no-go zones and the shortest paths round them.
"""
