"""Understands one message: redact, classify, extract. Pure past loading its data files; knows no database, no channel."""
