"""Recorded AIS: files of messages as archives give them, cleaned and thinned to tracks of straight segments.

* `messages`: batches of messages, and the reasons for which messages are left out.
* `column_sets`: the columns of archives, recognised by their headers.
* `cells`: numbers and times in columns of text or of other types.
* `opening`: files as they are downloaded: plain, compressed, or in an archive.
* `csv_messages`: messages in CSV files, batch by batch.
* `parquet_messages`: messages in Parquet files, batch by batch.
* `nmea_messages`: messages as sentences of NMEA 0183, through the optional package pyais.
* `reading_files`: any file of messages: which reader it needs.
* `sifting`: what a single message shows to be wrong: identities, places and times.
* `partitions`: messages divided by MMSI into files, so that any number of them fits into memory.
* `cleaning`: messages of ships sorted, cleaned and thinned.
* `segment_files`: the Parquet file of segments that cleaning gives.
* `inlining`: recordings that a scenario names, read and put in place.
"""
