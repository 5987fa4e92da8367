"""The one exception for everything that a user can put right."""

from __future__ import annotations

import traceback
from collections.abc import Iterable
from dataclasses import replace
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
        """One error with all of these diagnostics."""
        error = cls("")
        error.diagnostics = tuple(diagnostics)
        error.args = (str(error),)
        return error

    def at(self, path: Path | None) -> UserError:
        """The same error, in which a diagnostic that names no place names this file, if there is one."""
        where = Location(str(path)) if path else None
        return UserError.of(replace(each, location=each.location or where) for each in self.diagnostics)

    def __reduce__(self) -> tuple[object, ...]:
        # Errors also come from other processes, and must arrive with all their diagnostics.
        return UserError.of, (self.diagnostics,)

    def __str__(self) -> str:
        return "\n".join(map(str, self.diagnostics))


def fault(error: Exception, path: str | None = None) -> UserError:
    """The UserError for an `error` that nobody expected; `path` is the file at which tmscards failed."""
    what = f"{type(error).__name__}: {error}".strip(": ").splitlines()[0]
    trace = "".join(traceback.format_exception(error))
    message = f"{'this file could not be read, by' if path else 'this is'} a fault of tmscards ({what[:200]})"
    hint = "please report it, with what the same command says as `tmscards --traceback …`"
    return UserError.of([Diagnostic("error", message, Location(path) if path else None, hint, trace)])


def unwritable(path: Path, error: Exception, what: str = "this file", hint: str = "") -> UserError:
    """The UserError for a file that cannot be written, with the reason that the system gives in `error`."""
    reason = (error.strerror if isinstance(error, OSError) else None) or error
    return UserError(f"{what} cannot be written: {reason}", location=Location(str(path)), hint=hint)
