"""What the Council sees: frozen dataclasses built from queries. Page, CSV and API share them, so that all say the same."""

from tracker.summaries.changes import Changes, Moved, Shift, compare
from tracker.summaries.choices import Choices, choices
from tracker.summaries.drafts import draft_decision, draft_decisions
from tracker.summaries.grid import Cell, Column, Entry, Grid, Group, Row
from tracker.summaries.items import Item, ItemLine, in_force, item_lines, items_of, worst_marks
from tracker.summaries.ledger import Ledger, ledgers
from tracker.summaries.overview import IN_FULL, Count, Overview, Statement, overview
from tracker.summaries.rows import Holder, Late, Pending, holder_words, in_full, late_rows, pending_rows
from tracker.summaries.scope import Filters, Number, Sight, find_session, present_session, select, session_key

__all__ = [
    "IN_FULL",
    "Cell",
    "Changes",
    "Choices",
    "Column",
    "Count",
    "Entry",
    "Filters",
    "Grid",
    "Group",
    "Holder",
    "Item",
    "ItemLine",
    "Late",
    "Ledger",
    "Moved",
    "Number",
    "Overview",
    "Pending",
    "Row",
    "Shift",
    "Sight",
    "Statement",
    "choices",
    "compare",
    "draft_decision",
    "draft_decisions",
    "find_session",
    "holder_words",
    "in_force",
    "in_full",
    "item_lines",
    "items_of",
    "late_rows",
    "ledgers",
    "overview",
    "pending_rows",
    "present_session",
    "select",
    "session_key",
    "worst_marks",
]
