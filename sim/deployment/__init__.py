"""A Scenario and a seed become a Log: one deployment, event by event.

* `contacts`: what a crew may know of a contact, and what makes a contact worth an investigation.
* `ladder`: detected, classified, documented, and the reasons why a transfer was not documented.
* `traffic`: background traffic: the ships of each source in one replication; a file for each kind of source.
* `ais_sent`: which vessels of transfers send AIS.
* `chains`: which transfers follow others of their chain, after which time, and where.
* `under_way`: pairs that make way while they lie alongside.
* `transfers`: the pairs of vessels that meet, lie alongside and part.
* `sensor_performance`: the detection laws of an aircraft's sensors, by class of vessels and by conditions.
* `patrols`: a patrol made ready: its routes, sensors, light, bases and slots; who follows tips.
* `bases`: when a base is open.
* `events`: what happened, one event after the other.
* `inbox`: what the engine hands to an aircraft.
* `changes`: what will change during a flight, and when.
* `waiting`: processes of SimPy, and how they wait.
* `legs`: legs to fly, by name.
* `landing`: the latest hours at which a flight may land, by fuel and by the clock.
* `sorties`: what a sortie leaves behind.
* `exposure_spells`: the exposure of places to a flight, in spells of time.
* `flight_state`: the state of a flight: the arrays that compiled code reads and changes.
* `conditions`: the conditions of the moment in a flight, and what will change next.
* `flight`: one aircraft in the air: the compiled flight from decision to decision.
* `foresight`: how a flight runs ahead where vessels answer to aircraft, and is put back when the sea changes.
* `ways`: the ways of an aircraft to places, and round no-go zones to contacts.
* `lookalikes`: hulls side by side that are no transfer, and from how far away a crew tells so.
* `investigations`: what compiled code asks about an investigation.
* `tips`: which tip a crew follows, and how it searches the sea about it.
* `crew`: one sortie from take-off to landing, as a SimPy process.
* `planned_flights`: a sortie as it is planned.
* `tasking_sea`: the sea as those see it who task a sortie.
* `tasking`: which route the next sortie flies by belief.
* `readiness`: when the aircraft and the crews of a patrol can fly.
* `standby`: a crew that waits for a tip, takes off for it and goes home.
* `schedule`: the sorties of one patrol, as a SimPy process.
* `observed`: what observers can know of transfers: lengths of hulls, and which of them send AIS.
* `ais_heard`: what receivers of AIS heard of the vessels of transfers.
* `ais_load`: how many vessels send AIS in the view of a receiver.
* `reports`: how reports travel from observers and crews to the intelligence cells.
* `tip_outcomes`: what came of each report at each cell, and of the flights for tips.
* `stints`: when and where each pair lies alongside, as its vessels change their minds.
* `reactions`: when pairs alongside notice an aircraft, and what they do then.
* `learning`: which cells of place and hour smugglers remember as dangerous, and where they meet instead.
* `answers`: what vessels answered to patrols in one replication, and what became of the transfers.
* `passes`: how much of their routes the sorties flew, and how much they had time for.
* `world`: a scenario made ready, and the ships, transfers and weather of one replication before anybody flies.
* `counting`: how many vessels sorties detect along their legs as flown.
* `ships_seen`: which background ships were in the searched sea, and which of them sorties detected.
* `totals`: the totals of a replication, one row each: meaning, unit and computation.
* `log`: the events and sorties of one replication, and how far each transfer climbed the ladder.
* `engine`: the simulation of one replication: realise the world, fly the patrols, return the log.
"""
