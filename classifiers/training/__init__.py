"""Trains the model of `classifiers.learned` on labelled files, and measures it. No reader or relay loads it."""
