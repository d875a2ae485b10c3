"""What somebody who holds a master does with people's keys: rotation, survey, drill. Never loaded by the relay."""
