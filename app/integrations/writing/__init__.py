"""Composing letters: from templates, in the reader's language."""
