"""Pictures of scenarios, runs and studies. Every function takes and returns Matplotlib objects; none computes results.

* `style`: colours and settings that all pictures share, and how a picture is written to a file.
* `basemap`: the theatre as a map: land, graticule, scale bar, areas.
* `leg_numbers`: arrows and numbers beside the legs of a route.
* `route_map`: a route before it is flown, with its length, its time and the coverage it gives.
* `coverage_map`: the probability of detection over the sea, with tracks and transfers of a run.
* `study_page`: the page, the lines and the labels that pictures of a study share.
* `response`: a measure against the factors of a study.
* `heatmap`: a measure over two factors of a study.
* `gain`: how much each point of a study adds to its baseline.
* `kinds`: what `seasweep plot` offers, a file for each kind.
"""
