"""Held mails while they wait for a reviewer: a sealed copy that goes once it is settled, and what reviewers rule."""
