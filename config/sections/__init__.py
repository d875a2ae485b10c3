"""The tables of the settings file, by what they are about."""
