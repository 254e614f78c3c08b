"""What a scenario file can name: each part with its keys, their bounds and its mathematics.

* `places`: the theatre, areas, no-go zones, and references to parts by name.
* `local_times`: hours since the start of a scenario that may be written as a local time of day.
* `calendar`: the keys `calendar`, `hours` and `change_days`: numbers by day of the year and hour of the day.
* `takeoffs`: the key `takeoff`: take-offs by the clock, given or drawn by lot.
* `schedules`: the slots of a patrol, their bounds, and the hours that lots give them in one replication.
* `patterns`: search patterns and routes by their IAMSAR names; a file for each.
* `laws`: detection laws: how the chance of detection depends on range and time; a file for each.
* `vessels`: classes of vessels: their size, radar cross-section and names.
* `sensors`: sensors, and what a vessel, the hour and the weather make of their laws; a file for each.
* `theory`: closed forms of search theory, which the simulation must reproduce.
* `sun`: when the sun rises, sets and crosses any other elevation.
* `beginnings`: when transfers begin: the density of the hour of beginning, and how hours are drawn from it.
* `environment`: the table [environment]: where sea state, visibility and wind come from, and when it is light.
* `weather_quantities`: sea state, visibility and wind as a scenario states them, and their values on the plane.
* `weather_processes`: weather that changes at random between named states.
* `weather_series`: weather that was measured or forecast, row by row.
* `weather`: the weather of one replication: what holds at which hour.
* `agreements`: the keys of an agreement between nations: members, dates, delay, ceiling.
* `release_chances`: the chance that an agreement releases a report, by the kind of observer that made it.
* `report_paths`: which nations a report can reach over agreements, and the fastest path.
* `report_deliveries`: when copies of reports reach nations, release and delay drawn by chance.
* `cells`: what the intelligence cell of a nation makes of the reports that it receives.
* `levels`: levels of classification.
* `ais_rules`: the public rules by which tracks on AIS tell of a transfer.
* `length_curves`: the chance that a satellite detects a ship, by its length.
* `satellite_passes`: when a satellite passes over.
* `observers`: who else sees transfers: satellites, radars, AIS receivers and desks, sources, crews; a file for each.
* `sightings`: the reports that observers make in one replication, true and false.
* `reactions`: what a pair alongside does when it notices an aircraft.
* `learning`: how those who plan transfers avoid what they remember as dangerous.
* `clear_sea`: the sea a distance off all land, and the ways round land to a port.
* `background`: background traffic: ships that are no transfer; a file for each kind of source.
* `recorded_tracks`: recorded tracks of ships as one text.
* `chains`: chains of transfers: one cargo that is passed on in several transfers in turn.
* `transfers`: the sources of transfers.
* `aircraft`: types of aircraft, and how their crews investigate contacts.
* `patrols`: bases, patrols, groups of patrols, and interceptions by fighters.
* `game_theory`: closed forms of games between a patrol and a smuggler who knows the plan.
"""
