"""Calling addresses that users gave: public ones alone, and never what is behind us."""
