"""People, placements, carers, permissions, organisations and keys: whom it is about, and who may know."""
