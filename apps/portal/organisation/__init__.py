"""The administrator's pages of an organisation: what needs doing, its staff, their leave, and who treats whom.

An administrator knows of every member by name, for someone has to assign them, and sees no more of them than that they
have an open crisis flag. Charts stay closed: to open one takes a clinical role.
"""
