"""Measurements of the real stack beside a floor; `make bench` runs them. Nothing here asserts a time."""
