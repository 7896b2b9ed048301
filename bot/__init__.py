"""Talks to the customer: channels in, the turn, delivery out, and the one place where everything is wired together."""
