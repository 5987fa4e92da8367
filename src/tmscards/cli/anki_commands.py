"""What `tmscards push` and `tmscards pull` do with a running Anki."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from tmscards.cli import options, terminal
from tmscards.errors import UserError
from tmscards.text import plural

if TYPE_CHECKING:
    from tmscards.anki.connect import Connection
    from tmscards.build.project import DeckPaths
    from tmscards.build.pushing import Pushed
    from tmscards.review.pulling import Kind


def pull(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: options.Output = None,
    *,
    url: options.Url = options.URL,
    key: options.Key = None,
    profile: options.Profile = None,
    reject_missing: Annotated[
        bool, typer.Option("--reject-missing", help="Reject the notes that are not in Anki, as you have deleted them.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change no record; show what would be taken over.")
    ] = False,
) -> None:
    """Take over texts that you edited in Anki into the records, so that no build overwrites them.

    It asks the Anki that is running, through its add-on AnkiConnect, and changes nothing there. What was edited both
    there and here is shown, and left as it is.
    """
    with terminal.messages():
        anki = connected(url, key, profile)
        decks = [options.deck_paths(path, notes, output, None) for path in options.recipe_paths(recipes)]
        _pull(decks, anki, rejects_missing=reject_missing, dry=dry_run)


def stats(
    recipes: options.Recipes = None,
    notes: options.NotesFolder = None,
    output: options.Output = None,
    *,
    url: options.Url = options.URL,
    key: options.Key = None,
    profile: options.Profile = None,
) -> None:
    """Show what you keep forgetting: by note, and by the minutes of its recording. Changes nothing.

    It asks the Anki that is running, through its add-on AnkiConnect.
    """
    with terminal.messages():
        from tmscards.notes.clock import show
        from tmscards.review import statistics

        anki = connected(url, key, profile)
        for path in options.recipe_paths(recipes):
            deck = options.deck_paths(path, notes, output, None)
            terminal.say(f"{deck.recipe.root}:")
            for of in statistics.of_deck(deck, anki):
                leeches = f"{of.leeches} {'leech' if of.leeches == 1 else 'leeches'}"
                counts = f"{plural(of.cards, 'card')}, {of.suspended} suspended, {leeches}"
                terminal.say(f"  {of.source}: {counts}, forgotten {plural(of.lapses, 'time')}")
                for start, end, lapses in of.hardest():
                    terminal.say(f"    you keep forgetting {show(start)} to {show(end)} ({lapses} times)")


def connected(url: str, key: str | None, profile: str | None) -> Connection:
    """The running Anki. Raises UserError if it does not answer, or another profile than the one named is open in it."""
    from tmscards.anki.connect import Connection

    anki = Connection(url, key)
    if profile is not None and (opened := anki.ask("getActiveProfile")) != profile:
        raise UserError(f"the profile {opened!r} is open in Anki, and not {profile!r}", hint="switch profiles in Anki")
    return anki


def push(decks: Iterable[DeckPaths], anki: Connection, *, deletes: bool, is_sure: bool) -> None:
    """Import built decks into the running Anki, and say what changed there.

    `deletes` says whether to delete the notes in Anki that a deck no longer has, `is_sure` whether without asking.
    """
    from tmscards.build import pushing

    for deck in decks:
        pushed = pushing.push(deck, anki)
        counts = f"{pushed.added} added, {pushed.updated} updated, {pushed.unchanged} unchanged"
        terminal.say(f"{deck.recipe.root}: {counts} in Anki")
        if pushed.orphans:
            _see_to_orphans(pushed, anki, deletes=deletes, is_sure=is_sure)


def _see_to_orphans(pushed: Pushed, anki: Connection, *, deletes: bool, is_sure: bool) -> None:
    """Name the notes that the deck no longer has, and delete them if somebody asks for it."""
    from tmscards.build import pushing

    count = len(pushed.orphans)
    terminal.say(f"{plural(count, 'note')} in Anki {'is' if count == 1 else 'are'} no longer in the deck:")
    for _, text in pushed.orphans:
        terminal.say(f"  {text}")
    if not deletes:
        terminal.say("To delete them there, with their history: tmscards push --delete-orphans")
        return
    if not is_sure:
        typer.confirm("Delete them in Anki, with their history?", abort=True)
    pushing.delete(anki, [id for id, _ in pushed.orphans])
    terminal.say(f"{plural(count, 'note')} deleted in Anki")


def _pull(decks: Iterable[DeckPaths], asked: Connection, *, rejects_missing: bool, dry: bool) -> None:
    """Take over what was edited in the running Anki, and say what."""
    from tmscards.review import pulling

    for deck in decks:
        pulled = pulling.pull(deck, asked, rejects_missing=rejects_missing, dry=dry)
        terminal.say(f"{deck.recipe.root}: {plural(pulled.same, 'note')} as in Anki")
        for kind, said in _SAID.items():
            those = [each for each in pulled.found if each.kind == kind]
            if not those:
                continue
            is_done = any(each.guid in pulled.changed for each in those)
            terminal.say(f"{len(those)} {said[is_done]}:")
            for each in those:
                terminal.say(f"  {each.place}: {pulling.shown(each.here)}")
                if each.there:
                    terminal.say(f"    in Anki: {pulling.shown(each.there)}")
        if pulled.changed:
            terminal.say("The next build ships these decisions: tmscards build")


_SAID: Mapping[Kind, tuple[str, str]] = {
    "edited": ("edited in Anki", "edited in Anki, and now on record"),
    "missing": ("not in Anki: deleted there, or never brought there (--reject-missing rejects them)", "rejected"),
    "both": ("edited in Anki and on record, so nothing was changed", ""),
    "earlier": ("in Anki as an earlier build made them; bring them there first: tmscards push", ""),
    "unusable": ("edited in Anki so that no card would be left of them; nothing was changed", ""),
}
"""What is said of each kind of note, before and after it was taken over."""
