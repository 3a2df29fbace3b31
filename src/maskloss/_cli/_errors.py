"""The one exception that a command shows its user."""


class UserError(Exception):
    """A mistake that the user can mend; its text is the one line printed."""
