"""The exception that a command shows to the user."""


class UserError(Exception):
    """A mistake that the user can correct; the command prints its text in one line."""
