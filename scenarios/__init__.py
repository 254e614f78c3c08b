"""Included scenarios, as data: `seasweep scenarios` lists them."""
