"""Sensors: how well each kind detects a vessel, by the size of the vessel, the light and the weather.

* `base`: what every sensor must answer, and the conditions under which it looks.
* `radar`: a surface-search radar, by radar cross-section, radio horizon and sea state.
* `ais`: a receiver of AIS, which hears the vessels that transmit.
* `eo_ir`: a camera for visible and infrared light, by length of the vessel, haze and light.
* `visual`: visual search by the crew, by the sweep widths of the U.S. Coast Guard or by a law of its own.

A new sensor is one more file here with one subclass of `base.Sensor`.
"""

from sim.core.kinds import import_all

import_all(__name__, __path__)
