"""Settings, policy and retention: what an operator may change, read once and checked at start-up."""
