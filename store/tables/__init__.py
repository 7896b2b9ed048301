"""The tables, by subject. Statements live in the module of their subject; migrations build what stands here.

Columns that end in ``_enc`` are sealed (AES-256-GCM bound to table, column and row); ``_hmac`` are fingerprints for equality.
"""

from store.tables.columns import EPOCH, MICROSECOND, Instant, metadata
from store.tables.conversations import conversation_tags, conversations, customers, messages, protected_values, ratings
from store.tables.housekeeping import attempts, audit, facts, file_mentions, idempotency, search_documents
from store.tables.platforms import branch_codes, consents, notices_due, odd_pushes, reply_windows, sent_notices
from store.tables.programs import api_keys, webhook_deliveries, webhook_topics, webhooks
from store.tables.queue import queue_entries, servings
from store.tables.staff import agent_drafts, agent_reads, agent_sessions, agents, canned_replies, saved_views
from store.tables.tickets import ticket_events, ticket_sequences, tickets
from store.tables.work_due import kf_cursors, kf_sessions, outbox, pending_media, pending_turns

__all__ = [
    "EPOCH",
    "MICROSECOND",
    "Instant",
    "agent_drafts",
    "agent_reads",
    "agent_sessions",
    "agents",
    "api_keys",
    "attempts",
    "audit",
    "branch_codes",
    "canned_replies",
    "consents",
    "conversation_tags",
    "conversations",
    "customers",
    "facts",
    "file_mentions",
    "idempotency",
    "kf_cursors",
    "kf_sessions",
    "messages",
    "metadata",
    "notices_due",
    "odd_pushes",
    "outbox",
    "pending_media",
    "pending_turns",
    "protected_values",
    "queue_entries",
    "ratings",
    "reply_windows",
    "saved_views",
    "search_documents",
    "sent_notices",
    "servings",
    "ticket_events",
    "ticket_sequences",
    "tickets",
    "webhook_deliveries",
    "webhook_topics",
    "webhooks",
]
