"""The council's own blank forms: how a filled, scanned or re-typed copy is known again, and a blank one let pass."""
