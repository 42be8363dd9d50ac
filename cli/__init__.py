"""The verbs of the command line, a file a subject, and what each tells a person."""
