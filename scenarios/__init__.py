"""Scenarios that ship, as data: `seasweep scenarios` lists them."""
