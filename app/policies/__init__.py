"""Who may see and do what, as plain functions.

`can_` answers, `ensure_` refuses, `narrow` restricts a list to what `can_see` would allow, so
that an item and its list can't disagree.
"""
