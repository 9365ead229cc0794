"""Words and pure rules: frozen values, states and legal moves, refusals, messages.

No input or output, no clock of its own, nothing but `core` below it. What the business says in
a sentence stands here in a function that can be tested without a database.
"""
