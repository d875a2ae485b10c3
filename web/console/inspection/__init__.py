"""What an inspector sees: the named people's records, permissions, decisions and timeline, until a time; read-only."""
