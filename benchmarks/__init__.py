"""What `make bench` prints: what seasweep costs, beside a plain time-stepped version of the same work."""
