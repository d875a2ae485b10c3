"""The start page: what waits for whoever looks, what of it is late, and the week in one picture."""
