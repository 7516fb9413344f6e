"""What each decision of the alignment costs, in nats: fitted to tasks whose answer is known.

The fit makes a merge's cost a log-odds: of two merges whose costs differ by 3 the cheaper one is right 20 times as
often.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Costs:
    """What each decision costs, in nats."""

    insert: float = 1.6
    insert_known: float = 7.4  # more, if the line stands in the original
    insert_known_again: float = 0.64  # times that, below a line that is new as well
    insert_closer: float = 1.66  # more, if what it closes is not new
    insert_inside: float = 0.25  # times the cost of a line, below the header of a new definition
    insert_blank: float = 0.52
    insert_after_match: float = 0.84
    insert_after_kept: float = 3.7
    insert_after_skipped: float = 1.2
    drop_blank: float = 0.28
    drop_below_new: float = 1.0  # more, where the blank line of the kept ones stayed above the new ones
    drop_removed: float = 1.5  # more, above a marker that removes something
    glue: float = 0.91
    misplaced: float = 1.2
    out_of_place: float = 0.36  # the most that a place costs a telling line (times 0.5) or a lone bracket (times 1.5)
    header_again: float = 0.52  # the most that a place costs an equal line within a run
    same_place: float = 0.15  # times the cost of a place that the run stands in already
    replace: float = 6.6  # times 1 - similarity
    replace_key: float = 0.42
    delete_after_match: float = 2.7
    delete_after_kept: float = 8.2
    delete_after_insert: float = 1.4
    delete_between: float = 0.62  # times the costs of the lines, where neighbours in the snippet leave them out
    deleted_line: float = 0.56
    deleted_line_shown: float = 0.095
    deleted_definition: float = 2.3
    deleted_blank: float = 0.062
    keep_after_delete: float = 5.0
    keep_after_replace: float = 0.65
    kept_line: float = 0.001
    kept_nothing: float = 5.0
    kept_at_edge: float = 1.5
    blank_place: float = 0.2  # times the cost of a place, for a blank line
    replace_header: float = 0.1
    new_header: float = 2.8
    other_header: float = 3.45
    half_header: float = 1.0
    remove_other: float = 3.0
    remove_blanks: float = 1.1
    inside_shown: float = 1.6
    inside_shown_block: float = 0.99
    skip: float = 12.6
    skip_between: float = 11.6
    skipped_line: float = 0.062
