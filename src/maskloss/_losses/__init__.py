"""The losses: one package per family, one file per loss.

A file holds the formula (value, slope and curvature) and the documented public function.

May import: nothing; each family says for itself.
"""
