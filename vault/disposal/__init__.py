"""Disposal: proposed by the clock, approved by two people, carried out, proven by the store's listing, certified."""
