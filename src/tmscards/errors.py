"""Owns the one error that users are meant to read."""

from __future__ import annotations

from tmscards.domain import Location


class UserError(Exception):
    """Something the user can put right.

    `message` says what is wrong, `location` where, `hint` what to do about it.
    """

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "") -> None:
        self.message = message
        self.location = location
        self.hint = hint
        super().__init__(str(self))

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        then = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{then}"


class UserErrors(UserError):
    """Several faults of one file, found together."""

    def __init__(self, errors: list[UserError]) -> None:
        self.errors = errors
        super().__init__("\n".join(map(str, errors)))
