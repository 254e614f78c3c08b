"""Sensors: what sees vessels and how well, by the nature of the sensor, the vessel, the hour and the weather.

* `base`: the questions that every sensor answers, and the conditions under which it looks.
* `radar`: a surface-search radar, by radar cross-section, radio horizon and sea state.
* `ais`: a receiver of AIS, which hears the vessels that transmit.
* `eo_ir`: a camera for visible and infrared light, by length of the vessel, haze and light.
* `visual`: eyes, by the sweep widths of the U.S. Coast Guard or by a law of their own.

A new sensor is one more file here with one subclass of `base.Sensor`.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
