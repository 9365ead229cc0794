"""Between processes: a word that there is something new, and what is only passed on."""
