"""Feedback that comes as a form: from programs, the hosted page, tellers and the hotline. ``filing`` is where it becomes a ticket."""
