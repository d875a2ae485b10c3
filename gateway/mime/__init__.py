"""Reading MIME by slicing the bytes that came: nothing is re-serialised, nothing recurses, every loop has a limit."""
