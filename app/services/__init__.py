"""Decisions: one class per stem, one public method per use case.

Find, may you, change, announce. A service never commits: its door does (see `bootstrap`). It
knows the outside world by protocols alone.
"""
