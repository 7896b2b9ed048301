"""Feedback that comes as a form: from programs, the hosted page, tellers, the hotline. ``filing`` makes a ticket of it."""
