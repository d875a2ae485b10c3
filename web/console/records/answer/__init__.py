"""A request for access answered on pages: what takes a master key is asked of the key holder, step by step."""
