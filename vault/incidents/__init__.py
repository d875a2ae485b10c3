"""Suspected breaches: opened, judged, told of, closed; who received what; what is done to contain it."""
