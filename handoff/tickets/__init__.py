"""The life of a ticket outside the database: its draft, its clocks, what a customer may see of it. Pure; the store keeps it."""
