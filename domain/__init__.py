"""The rules. Pure: standard library only, no I/O, no clock, no framework. Whoever reads only one folder should read this one."""
