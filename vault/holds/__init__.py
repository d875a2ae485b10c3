"""Legal holds: set, lifted by two, worked out when something would be destroyed, mirrored to the object store."""
