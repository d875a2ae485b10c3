"""What ``make bench`` runs. Ratios against a baseline measured in the same run; never single absolute numbers."""
