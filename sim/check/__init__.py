"""Advice on a scenario: a summary of it as tables, and findings about settings that have no effect or make no sense.

* `quantities`: maximum and median of a random quantity.
* `expected_reports`: how many reports observers make, by which agreements they reach a nation, and how old they are.
* `patrol_bounds`: how far one patrol reaches at most, how long it flies, and in which light.
* `bounds`: the weather, detection ranges and patrols of a scenario, as the rules use them.
* `expected_contacts`: how many contacts a crew would investigate on a sortie, by estimate.
* `registry`: what a rule of check is, and how it is registered.
* `rules_ais`: rules about receivers of AIS.
* `rules_answers`: rules about ships that notice aircraft, and smugglers that learn.
* `rules_calendar`: rules about calendars that hold on no day of the deployment.
* `rules_crews`: rules about how crews choose, classify and document contacts.
* `rules_fleets`: rules about fleets: a port that is far away, and an area near land.
* `rules_lanes`: rules about lanes: crowded ones, ends in open sea, and land that leaves no room.
* `rules_partners`: rules about nations, observers and agreements.
* `rules_places`: rules about areas and bases on land and at sea.
* `rules_routes`: rules about routes, and about whether patrols can reach them and the transfers.
* `rules_schedule`: rules about take-offs, crews, airframes and bases.
* `rules_sensors`: rules about what sensors can detect, and which aircraft carry them.
* `rules_takeoffs`: rules about the local hours of take-offs, about lots, and about crews that stand by.
* `rules_tasking`: rules about patrols that are tasked by belief.
* `rules_tips`: rules about tips on which crews act.
* `rules_transfers`: rules about transfers and other vessels, and about parts that nothing uses.
* `rules_weather`: rules about weather and daylight.
* `rules_zones`: rules about no-go zones, interceptions and groups of patrols.
* `advice`: the findings of all rules on a scenario.
* `tables_areas`: tables of areas, no-go zones and bases.
* `tables_environment`: tables of the weather that a scenario states, and of daylight.
* `tables_vessels`: tables of transfers, background ships and classes of vessels.
* `tables_seasons`: tables of ships and of expected contacts by month.
* `tables_answers`: tables of what ships do when they notice an aircraft, and of how smugglers learn.
* `tables_sensors`: tables of sensors, their laws and their sweep widths.
* `tables_aircraft`: tables of aircraft, of how crews investigate contacts, and of interceptions.
* `tables_patrols`: tables of routes, patrols and groups.
* `tables_takeoffs`: tables of take-offs, and of the local hours at which they are.
* `tables_partners`: tables of nations, observers, agreements, and of how reports reach a nation.
* `pedigree`: where each figure of a scenario comes from, as the comments of its files say.
* `describe`: all these tables in order, and the lines of findings, as `seasweep check` prints them.
"""
