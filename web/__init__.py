"""What is spoken over HTTP: the API for the case system. Stands beside the relay; they share no process."""
