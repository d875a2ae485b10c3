"""The rules. Pure: standard library only, no I/O, no clock, no framework. Read this folder first."""
