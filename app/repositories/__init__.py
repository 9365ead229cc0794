"""Every SQL statement, each a named constant built from the models and compiled once.

A method runs statements and returns frozen values of the domain. It decides nothing; a named
constraint that is violated becomes the refusal it stands for.
"""
