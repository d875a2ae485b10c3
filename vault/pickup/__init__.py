"""Mail that waits, sealed, for recipients without keys; the codes that open it; what they did with it."""
