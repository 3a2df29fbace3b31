"""The losses: one package per family, one file for each loss, or for a few that share a formula.

A file holds the formula (value, slope and curvature) and the documented public function.

May import: nothing; each family says for itself.
"""
