"""A dunning run: proposed, reviewed, issued, taken back, verified."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from addin.cli.frame import NONE, Day, DryRun, Json, Workbook, amount, app, day, run

if TYPE_CHECKING:
    from addin.report import Report
    from workbook.book import Book


@app.command()
def propose(
    path: Workbook,
    as_of: Day = None,
    replace: Annotated[
        bool,
        typer.Option("--replace", help="Take back open proposals and propose again. Holds stay, and sends whose letter is still the same."),
    ] = False,
    select: Annotated[str, typer.Option(help="Only lines of a selection saved on Config, by its name.")] = "",
    where: Annotated[
        list[str], typer.Option(help='Only lines for which this holds: --where "level>=2", --where "payer.country=FR;BE". May be repeated.')
    ] = NONE,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Propose one letter per payer and currency on the sheet Proposal, for review.

    Nothing is written or counted. Proposing twice gives the same proposal. Lines of a proposal that is still open are locked.
    """
    from addin import commands

    when = day(as_of)
    run(path, lambda book: commands.propose(book, when, replace=replace, selection=select, where=where), json=json, dry_run=dry_run)


@app.command()
def review(
    path: Workbook,
    send: Annotated[list[str], typer.Option(help="Payers to send to, or all.")] = NONE,
    hold: Annotated[list[str], typer.Option(help="Payers to hold: the proposal stays, no letter now; or all.")] = NONE,
    drop: Annotated[list[str], typer.Option(help="Payers to drop from this run; or all.")] = NONE,
    hand_over: Annotated[list[str], typer.Option(help="Payers whose cases on the sheet Collection are handed over; or all.")] = NONE,
    collection: Annotated[bool, typer.Option("--collection", help="--hold and --drop are about cases on the sheet Collection.")] = False,
    level: Annotated[int | None, typer.Option(help="Only proposals at this level.", show_default=False)] = None,
    currency: Annotated[str, typer.Option(help="Only proposals in this currency.")] = "",
    at_least: Annotated[str | None, typer.Option(help="Only totals from this amount.", show_default=False)] = None,
    at_most: Annotated[str | None, typer.Option(help="Only totals up to this amount.", show_default=False)] = None,
    set_level: Annotated[int | None, typer.Option(help="Change the level of the letters; needs --note.", show_default=False)] = None,
    note: Annotated[str, typer.Option(help="Your reason, kept with the proposal and in the history.")] = "",
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Decide on open proposals: --send, --hold or --drop, by payer or all, narrowed by level, currency or amount.

    And on the cases that have had their last letter: --hand-over, or --collection with --hold or --drop. The same can be done by hand in the column
    Decision of the sheets Proposal and Collection.
    """
    from addin import commands, handing_over
    from rules.model import CollectionDecision, Decision

    given = [(word, names) for word, names in (("send", send), ("hold", hold), ("drop", drop), ("hand_over", hand_over)) if names]
    if len(given) != 1:
        raise typer.BadParameter("give exactly one of --send, --hold, --drop and --hand-over")
    (word, names), everything = given[0], given[0][1] == ["all"]
    cases = collection or word == "hand_over"
    if cases and (word == "send" or set_level is not None):
        raise typer.BadParameter("a case on the sheet Collection is handed over, held or dropped; --send and --set-level are for letters")
    low, high = (amount(bound) if bound is not None else None for bound in (at_least, at_most))
    payers = [] if everything else names

    def act(book: Book) -> Report:
        if cases:
            decision = CollectionDecision(word)
            return handing_over.decide(
                book, decision, payers=payers, everything=everything, level=level, currency=currency.upper(), at_least=low, at_most=high, note=note
            )
        return commands.review(
            book, Decision(word), payers=payers, everything=everything, level=level, currency=currency.upper(), at_least=low, at_most=high, note=note,
            new_level=set_level,
        )  # fmt: skip

    run(path, act, json=json, dry_run=dry_run)


@app.command()
def issue(
    path: Workbook,
    accept_templates: Annotated[
        bool, typer.Option("--accept-templates", help="Take templates that were changed since letters were last made with them.")
    ] = False,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Write the letters of the proposals set to send, and enter them in the history.

    This is the act that counts: levels and reminder dates move now. If it is cut off, run it again: it finishes, and writes nothing twice.
    """
    from addin import issuing

    act = issuing.pending if dry_run else issuing.issue
    run(path, lambda book: act(book, accept_templates=accept_templates), json=json, dry_run=dry_run)


@app.command()
def undo(
    path: Workbook,
    payer: Annotated[str, typer.Option(help="Whose last letter or counted call is taken back.")],
    reason: Annotated[str, typer.Option(help="Why: a reason code for an undo, when Config has some; else your words.")],
    company: Annotated[str | None, typer.Option(help="Company of the payer, when several have one of this number.", show_default=False)] = None,
    document: Annotated[str, typer.Option(help="Only for this document.")] = "",
    instalment: Annotated[str, typer.Option(help="Only for this line of the document.")] = "",
    currency: Annotated[str, typer.Option(help="Only letters in this currency.")] = "",
    again: Annotated[bool, typer.Option("--again", help="Take back one more, after one was taken back.")] = False,
    as_of: Day = None,
    json: Json = False,
    dry_run: DryRun = False,
) -> None:
    """Take back the last letter or counted call: level, date and count of its lines are what they were before it.

    Nothing is deleted: the history gets a row more for every line. Refused when a later letter or a hand-over stands on one of the lines.
    """
    from addin import undoing

    when = day(as_of)
    run(
        path,
        lambda book: undoing.undo(
            book, payer, reason, when, company=company, document=document, instalment=instalment, currency=currency.upper(), again=again,
            dry_run=dry_run,
        ),
        json=json, dry_run=dry_run,
    )  # fmt: skip


@app.command()
def history(
    path: Workbook,
    payer: Annotated[str, typer.Option(help="Only this payer.")] = "",
    document: Annotated[str, typer.Option(help="Only this document.")] = "",
    json: Json = False,
) -> None:
    """Show what was sent, to whom, when and at which level."""
    from addin import commands

    run(path, lambda book: commands.history(book, payer=payer, document=document), json=json)


@app.command()
def verify(path: Workbook, json: Json = False) -> None:
    """Check that journal, letters, history and counters tell the same story. Exit code 1 when they do not."""
    from addin import verifying

    run(path, verifying.verify, json=json)
