"""The outside world: a folder per capability.

`protocol.py` says what the application needs, in its own words; one file per vendor, and one
real default that needs neither an account nor a network. Only `bootstrap` chooses.
"""
