"""Ways to a customer: each turns what its platform sends into an ``Inbound`` and delivers what the outbox holds."""
