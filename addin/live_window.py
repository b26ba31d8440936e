"""`dunning live --window`: the commands of the ribbon in a small window beside Excel, for people who do not type commands.

tkinter, which Python brings along, is imported here alone and when the window opens: a Python without it still has the prompt.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import xlwings as xw

from addin.controls import CONTROLS, GROUPS
from addin.live import attach, open_books, performed
from addin.log import logged
from addin.ribbon import language_of
from rules.errors import DunningError, WorkbookError
from rules.row import Language
from rules.words import text

SIZE = "1080x760"
MONOSPACED = ("Consolas", 10)


def main() -> None:
    """What the Start menu opens: no terminal stands behind it, so that even what keeps it from opening is shown in a box."""
    try:
        show("")
    except DunningError as refused:
        toolkit().box.showerror("Dunning", str(refused))


def show(name: str) -> None:
    """Open the window on the workbook of this name, or the active one, until it is closed. Raises WorkbookError where no window can be opened."""
    from addin.commands import today

    tk = toolkit()
    try:
        root = tk.Tk()
    except tk.TclError as trouble:
        raise WorkbookError(f"No window can be opened here ({trouble}). Use the prompt: `dunning live`.") from None
    Window(tk, root, lambda: attach(name, open_books()), today)
    root.mainloop()


def toolkit() -> Any:
    """tkinter with its dialogs. Raises WorkbookError for a Python that has none."""
    try:
        import tkinter
        from tkinter import filedialog, messagebox, simpledialog, ttk
    except ImportError:
        raise WorkbookError("This Python has no tkinter, which the window needs. Use the prompt: `dunning live`.") from None
    from types import SimpleNamespace

    return SimpleNamespace(
        Tk=tkinter.Tk, Text=tkinter.Text, TclError=tkinter.TclError, files=filedialog, box=messagebox, lines=simpledialog, ttk=ttk
    )  # fmt: skip


class Window:
    """The commands by group, a button that runs the chosen one, and what it answered. It is the `Person` of `addin.live`."""

    def __init__(self, tk: Any, root: Any, find: Callable[[], xw.Book], today: Callable[[], date]) -> None:
        self.tk, self.root, self.find, self.today = tk, root, find, today
        self.language: Language = "en"
        self.book: xw.Book | None = None
        self.told: Any = None
        root.geometry(SIZE)
        root.report_callback_exception = self.fault
        self.look()

    def look(self) -> None:
        """Find the workbook again, and build the window in its language."""
        trouble = ""
        try:
            self.book = self.find()
            self.language = language_of(self.book)
        except DunningError as refused:
            self.book, trouble = None, f"{refused}\n{text(self.language, 'live', 'none_open')}"
        for child in self.root.winfo_children():
            child.destroy()
        self._build()
        self.say(trouble or text(self.language, "live", "choose"))

    def _build(self) -> None:
        ttk, language = self.tk.ttk, self.language
        self.root.title(text(language, "live", "window", book=self.book.name) if self.book else "Dunning")
        below = ttk.Frame(self.root, padding=8)
        below.pack(side="bottom", fill="x")
        self.buttons = [
            ttk.Button(below, text=text(language, "live", key), command=action)
            for key, action in (("run", self.run), ("again", self.look), ("close", self.root.destroy))
        ]
        for button in self.buttons:
            button.pack(side="left", padx=4)
        panes = ttk.PanedWindow(self.root, orient="horizontal")
        panes.pack(fill="both", expand=True)
        self.commands = ttk.Treeview(panes, show="tree", selectmode="browse")
        for group in GROUPS:
            parent = self.commands.insert("", "end", iid=f"group {group}", text=text(language, "ribbon", f"group_{group}"), open=True)
            for control in (c for c in CONTROLS if c.group == group):
                self.commands.insert(parent, "end", iid=control.verb, text=text(language, "ribbon", f"label_{control.key}"))
        self.commands.bind("<<TreeviewSelect>>", lambda _: self.explain())
        self.commands.bind("<Double-1>", lambda _: self.run())
        self.commands.bind("<Return>", lambda _: self.run())
        self.told = self.tk.Text(panes, wrap="none", font=MONOSPACED, state="disabled")
        panes.add(self._scrolling(self.commands), weight=0)
        panes.add(self.commands, weight=1)
        panes.add(self.told, weight=3)
        panes.add(self._scrolling(self.told), weight=0)

    def _scrolling(self, shown: Any) -> Any:
        bar = self.tk.ttk.Scrollbar(shown.master, command=shown.yview)
        shown.configure(yscrollcommand=bar.set)
        return bar

    def chosen(self) -> str:
        """The verb that is chosen, or "" for none or for a group."""
        picked = self.commands.selection()
        return picked[0] if picked and not picked[0].startswith("group ") else ""

    def explain(self) -> None:
        """What the chosen command does, and what it does not."""
        if verb := self.chosen():
            key = next(c.key for c in CONTROLS if c.verb == verb)
            self.say("\n".join(text(self.language, "ribbon", f"{part}_{key}") for part in ("tip", "note")))

    def run(self) -> None:
        """Run the chosen command on the workbook; meanwhile nothing else can be started."""
        verb = self.chosen()
        if not verb:
            return
        if self.book is None:
            self.look()
            return
        for button in self.buttons:
            button.configure(state="disabled")
        try:
            self.say(text(self.language, "ribbon", "working"))
            self.root.update_idletasks()
            self.say(performed(self.book, verb, self, self.language))
        finally:
            for button in self.buttons:
                button.configure(state="normal")

    def fault(self, *_: object) -> None:
        """An error that nobody expected: a sentence here, the traceback in the log."""
        self.say(text(self.language, "excel", "fault", log=logged("dunning live --window")))

    # ------------------------------------------------------------------------------------------------------------ the person

    def ask(self, question: str, default: str) -> str:
        """A line of text."""
        return (self.tk.lines.askstring("Dunning", question, initialvalue=default, parent=self.root) or "").strip()

    def pick(self, question: str, *, new: bool) -> str:
        """A file that is there, or one to make; without a question about overwriting, since nothing is."""
        if new:
            return str(self.tk.files.asksaveasfilename(parent=self.root, title=question, confirmoverwrite=False) or "")
        return str(self.tk.files.askopenfilename(parent=self.root, title=question) or "")

    def agree(self, question: str) -> bool:
        """Yes or no."""
        return bool(self.tk.box.askyesno("Dunning", question, parent=self.root))

    def say(self, words: str) -> None:
        """Shows words in place of the last ones."""
        self.told.configure(state="normal")
        self.told.delete("1.0", "end")
        self.told.insert("1.0", words)
        self.told.configure(state="disabled")
