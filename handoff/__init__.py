"""Where people take over: queue, brief, desk, tickets. It knows no channel: what it sends becomes an outbox row."""
