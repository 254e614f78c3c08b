"""Pictures of scenarios, runs and studies, drawn with Matplotlib from results; nothing here simulates.

* `style`: the colours and settings that all pictures share, and how a picture is written to a file.
* `fonts`: fonts for characters that the font of all pictures lacks.
* `basemap`: the theatre as a map: land, graticule, scale bar, areas.
* `leg_numbers`: arrows and numbers beside the legs of a route.
* `route_map`: a route before it is flown, with its length, its time and the coverage it gives.
* `coverage_map`: the probability of detection over the sea, with tracks and transfers of a run.
* `study_page`: the page, lines and labels that pictures of a study share.
* `response`: a measure against the factors of a study.
* `heatmap`: a measure over two factors of a study.
* `gain`: how much each point of a study adds to its baseline.
* `kinds`: the kinds of plots of `seasweep plot`, a file for each.
"""
