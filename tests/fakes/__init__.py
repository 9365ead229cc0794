"""Doubles of the outside: real HTTP on this machine, with the faults a test asks for."""
