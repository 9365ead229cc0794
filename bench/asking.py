"""Once imported, the application asks about each session in a round trip of its own.

Nobody is remembered, so everybody is asked about before their first query instead of with it:
what that saves is the difference.
"""

from app.bootstrap import adapters

adapters.SEEN = 0  # type: ignore[misc]
