"""Simulated searches and deployments against theory.

* `theory_searches`: simulated searches for checks against theory.
* `game_searches`: simulated searches of a patrol whose plan is drawn by lot.
* `tip_searches`: simulated searches of a sortie that follows a tip to one of two areas.
* `answers`: seas that answer to patrols against closed forms.
* `eyes`: observers that are independent, against the product of their chances.
* `lanes`: ships on a lane, and those that a patrol meets across it, against theory.
* `fleets`: how many boats of a fleet, and ships at anchor, are in a part of their area.
* `seasons`: ships and transfers that follow a calendar, against the numbers of the file.
* `receivers`: AIS that is heard among many senders, and radar that sees by length.
* `belief`: the belief against what deployments leave unfound.
* `checks`: simulated searches against theory.
"""
