"""Faults a person can mend: each names the thing, the place and the way out."""


class DermhouseError(Exception):
    """A fault told in one sentence, without a traceback; `exit_code` is the command line's."""

    exit_code = 1


class BadInputError(DermhouseError):
    """What was given cannot be used: a wrong path, an empty folder, a missing column."""

    exit_code = 2


class NotReadyError(DermhouseError):
    """A step that must come first has not been taken; the sentence names it."""

    exit_code = 3


class BusyError(DermhouseError):
    """Another process holds what this one needs; try again."""

    exit_code = 4
