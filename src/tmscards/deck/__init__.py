"""Sentence results and the records of the last build become the records of this one."""
