"""The pages where somebody without a key, and without an account, reads what they were sent."""
