"""Whether all parts are well, for operators."""
