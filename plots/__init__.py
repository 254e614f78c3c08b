"""Pictures of scenarios, runs and studies. Every function takes and returns Matplotlib objects; none simulates.

`basemap` draws the theatre, `route` a route before it is flown and `numbers` its legs, `coverage` a run over it,
`studies` the response to what varied.
"""
