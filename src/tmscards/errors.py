"""The one exception for what a user can put right."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from tmscards.domain import Diagnostic, Location


class UserError(Exception):
    """Something the user can put right: one diagnostic, or several that were found together."""

    def __init__(self, message: str, *, location: Location | None = None, hint: str = "") -> None:
        """`message` says what is wrong, `location` where, `hint` what to do about it."""
        self.diagnostics: tuple[Diagnostic, ...] = (Diagnostic("error", message, location, hint),)
        super().__init__(str(self))

    @classmethod
    def of(cls, diagnostics: Iterable[Diagnostic]) -> UserError:
        """The error that stands for all of these."""
        error = cls("")
        error.diagnostics = tuple(diagnostics)
        error.args = (str(error),)
        return error

    def __reduce__(self) -> tuple[object, ...]:
        # Errors come back from other processes, with all that they say.
        return UserError.of, (self.diagnostics,)

    def __str__(self) -> str:
        return "\n".join(map(str, self.diagnostics))


def unwritable(path: Path, error: Exception, what: str = "this file", hint: str = "") -> UserError:
    """The error for a file that cannot be written, as the system's own `error` says why."""
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return UserError(f"{what} cannot be written: {reason}", location=Location(str(path)), hint=hint)
