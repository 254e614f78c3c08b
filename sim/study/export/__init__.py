"""A run as layers of a map that other programs open.

* `kinds`: the layers that there are: names, meanings, and the columns that say when a row is there.
* `layers`: the rows and shapes of each layer, made of the results of a run.
* `vessel_layers`: where vessels were and what they claimed by AIS, in one replication.
* `lines`: what is straight on the plane, as lines in longitude and latitude.
* `moments`: hours of a scenario as times in UTC.
* `symbols`: the colours of the layers.
* `qgis`: the styles of the layers for QGIS.
* `globe`: documents of KML.
* `records`: the rows of a layer as texts and numbers, for formats that are text.
* `replay`: the flights of a replication as places at times.
* `formats`: the formats, a file for each; the ending of a file chooses one.
* `targets`: the files to write: names that are refused, and the format of each.
* `write`: the export itself.
"""
